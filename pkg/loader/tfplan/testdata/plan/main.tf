# Every way in which a plan leaves an identifier open. terraform_data stands for
# the resources of AWS, since it can be planned without a network.
variable "step" {
  type    = number
  default = 2
}

variable "extra" {
  type    = list(string)
  default = ["sg-0123456789abcdef0"]
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "hidden"
}

locals {
  vpc_id = module.vpc.vpc_id
  ports  = { web = 443, node = 30080 }
}

module "vpc" {
  source = "./modules/vpc"
  names  = ["a", "b"]
}

module "group" {
  source   = "./modules/group"
  for_each = { x = module.vpc.vpc_id, y = terraform_data.other.id }
  vpc_id   = each.value
  subnets  = module.vpc.subnet_ids
}

resource "terraform_data" "other" {}

# An attribute that is one expression: one candidate, several, none.
resource "terraform_data" "one" {
  input = module.vpc.vpc_id
}

resource "terraform_data" "several" {
  input = var.step > 1 ? [terraform_data.other.id, module.vpc.vpc_id] : []
}

resource "terraform_data" "set" {
  input = toset(concat(var.extra, [terraform_data.other.id]))
}

resource "terraform_data" "by_local" {
  input = local.vpc_id
}

resource "terraform_data" "output" {
  input = terraform_data.one.output
}

# One of each instance.
resource "terraform_data" "counted" {
  count = 2
  input = "subnet ${count.index}"
}

resource "terraform_data" "same_index" {
  count = 2
  input = terraform_data.counted[count.index].id
}

resource "terraform_data" "first" {
  input = { subnet_id = terraform_data.counted[0].id, port = 443, secret = var.secret }
}

resource "terraform_data" "splat" {
  input = terraform_data.counted[*].id
}

resource "terraform_data" "chained" {
  for_each = { for k, v in local.ports : k => v }
  input    = { group_id = terraform_data.other.id, port = each.value }
}

resource "terraform_data" "next" {
  for_each = terraform_data.chained
  input    = each.value.id
}

# Kept, changed, replaced, moved, forgotten and deleted by the second step.
resource "terraform_data" "kept" {
  input = "kept"
}

resource "terraform_data" "changed" {
  input = "step ${var.step}"
}

resource "terraform_data" "replaced" {
  triggers_replace = var.step
}

resource "terraform_data" "follows" {
  input = terraform_data.replaced.id
}

resource "terraform_data" "new_name" {
  input = "moved"
}

moved {
  from = terraform_data.old_name
  to   = terraform_data.new_name
}

removed {
  from = terraform_data.forgotten
  lifecycle {
    destroy = false
  }
}

# A data source that is read now, and one that waits for the apply.
data "terraform_remote_state" "now" {
  backend = "local"
  config  = { path = "${path.module}/other.tfstate" }
}

data "terraform_remote_state" "later" {
  backend = "local"
  config  = { path = "${path.module}/${terraform_data.replaced.id}.tfstate" }
}

resource "terraform_data" "of_data" {
  input = [data.terraform_remote_state.now.outputs, data.terraform_remote_state.later.outputs]
}
