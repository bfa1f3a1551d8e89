# What terraform-aws-modules/eks/aws makes of its inputs, as far as it matters to the
# network of a cluster. Names of inputs changed with version 21; both are taken.
# What depends on the version in another way is open:
# https://registry.terraform.io/modules/terraform-aws-modules/eks/aws

# version is the argument of the call. Without it Terraform takes the newest.
variable "version" { default = "9999" }
# version_decides is never given, and so is not known.
variable "version_decides" {}

variable "create" { default = true }
variable "name" { default = null }
variable "cluster_name" { default = null }
variable "kubernetes_version" { default = null }
variable "cluster_version" { default = null }
variable "vpc_id" { default = null }
variable "subnet_ids" { default = [] }
variable "control_plane_subnet_ids" { default = [] }
variable "endpoint_public_access" { default = null }
variable "cluster_endpoint_public_access" { default = null }
variable "endpoint_private_access" { default = null }
variable "cluster_endpoint_private_access" { default = null }
variable "endpoint_public_access_cidrs" { default = null }
variable "cluster_endpoint_public_access_cidrs" { default = null }
variable "ip_family" { default = null }
variable "cluster_ip_family" { default = null }
variable "service_ipv4_cidr" { default = null }
variable "cluster_service_ipv4_cidr" { default = null }
variable "compute_config" { default = null }
variable "cluster_compute_config" { default = null }
variable "addons" { default = null }
variable "cluster_addons" { default = null }
variable "tags" { default = {} }
variable "outpost_config" { default = null }

locals {
  # The number in front of the version, unless the version is a range.
  major   = can(regex("^\\s*(~>|=)?\\s*[0-9]+[0-9.]*\\s*$", var.version)) ? tonumber(regex("[0-9]+", var.version)) : var.version_decides
  name    = var.name != null ? var.name : var.cluster_name
  public  = var.endpoint_public_access != null ? var.endpoint_public_access : var.cluster_endpoint_public_access != null ? var.cluster_endpoint_public_access : local.major >= 19 ? false : true
  private = var.endpoint_private_access != null ? var.endpoint_private_access : var.cluster_endpoint_private_access != null ? var.cluster_endpoint_private_access : local.major >= 19 ? true : false
  cidrs   = var.endpoint_public_access_cidrs != null ? var.endpoint_public_access_cidrs : var.cluster_endpoint_public_access_cidrs != null ? var.cluster_endpoint_public_access_cidrs : ["0.0.0.0/0"]
  auto    = try(var.compute_config.enabled, var.cluster_compute_config.enabled, false)
  primary = one(aws_eks_cluster.this[*].vpc_config[0].cluster_security_group_id)
}

resource "aws_eks_cluster" "this" {
  count   = var.create ? 1 : 0
  name    = local.name
  version = var.kubernetes_version != null ? var.kubernetes_version : var.cluster_version
  vpc_config {
    subnet_ids              = length(var.control_plane_subnet_ids) > 0 ? var.control_plane_subnet_ids : var.subnet_ids
    security_group_ids      = compact(concat(local.additional_security_group_ids, [local.security_group_id]))
    endpoint_public_access  = local.public
    endpoint_private_access = local.private
    public_access_cidrs     = local.cidrs
  }
  kubernetes_network_config {
    ip_family         = var.ip_family != null ? var.ip_family : var.cluster_ip_family != null ? var.cluster_ip_family : "ipv4"
    service_ipv4_cidr = var.service_ipv4_cidr != null ? var.service_ipv4_cidr : var.cluster_service_ipv4_cidr
  }
  compute_config {
    enabled = local.auto
  }
}

resource "aws_eks_addon" "this" {
  for_each             = { for k, v in merge({}, var.addons, var.cluster_addons) : k => v if var.create }
  cluster_name         = one(aws_eks_cluster.this[*].name)
  addon_name           = try(each.value.name, null) != null ? each.value.name : each.key
  configuration_values = try(each.value.configuration_values, null)
}

output "cluster_name" { value = one(aws_eks_cluster.this[*].name) }
output "cluster_primary_security_group_id" { value = local.primary }
output "cluster_security_group_id" { value = local.security_group_id }
output "node_security_group_id" { value = local.node_security_group_id }
output "cluster_version" { value = one(aws_eks_cluster.this[*].version) }
output "cluster_ip_family" { value = one(aws_eks_cluster.this[*].kubernetes_network_config[0].ip_family) }
