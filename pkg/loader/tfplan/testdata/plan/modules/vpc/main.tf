variable "names" { type = list(string) }

resource "terraform_data" "vpc" {}

resource "terraform_data" "subnet" {
  for_each = toset(var.names)
  input    = { vpc_id = terraform_data.vpc.id }
}

output "vpc_id" { value = terraform_data.vpc.id }
output "subnet_ids" { value = [for s in terraform_data.subnet : s.id] }
