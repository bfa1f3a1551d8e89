variable "vpc_id" { type = string }
variable "subnets" { type = list(string) }

resource "terraform_data" "group" {
  input = var.vpc_id
}

resource "terraform_data" "nodes" {
  input = { subnets = var.subnets, group = terraform_data.group.id, vpc = terraform_data.group.input }
}
