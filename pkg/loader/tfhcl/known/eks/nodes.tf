variable "eks_managed_node_groups" { default = {} }
variable "eks_managed_node_group_defaults" { default = {} }
variable "self_managed_node_groups" { default = {} }
variable "self_managed_node_group_defaults" { default = {} }
variable "fargate_profiles" { default = {} }
variable "fargate_profile_defaults" { default = {} }

locals {
  managed  = { for k, v in var.eks_managed_node_groups : k => merge(var.eks_managed_node_group_defaults, v) if var.create && var.outpost_config == null && try(v.create, true) != false }
  self     = { for k, v in var.self_managed_node_groups : k => merge(var.self_managed_node_group_defaults, v) if var.create && try(v.create, true) != false }
  profiles = { for k, v in var.fargate_profiles : k => merge(var.fargate_profile_defaults, v) if var.create && try(v.create, true) != false }
}

resource "aws_launch_template" "this" {
  for_each               = { for k, v in local.managed : k => v if lookup(v, "create_launch_template", true) && lookup(v, "use_custom_launch_template", true) }
  image_id               = lookup(each.value, "ami_id", null)
  vpc_security_group_ids = lookup(each.value, "network_interfaces", null) != null || lookup(each.value, "enable_efa_support", false) ? var.version_decides : compact(concat(
    [lookup(each.value, "attach_cluster_primary_security_group", false) == true ? local.primary : null],
    [local.node_security_group_id],
    coalesce(lookup(each.value, "vpc_security_group_ids", null), []),
    # A group of the node group itself.
    lookup(each.value, "security_group_ingress_rules", null) != null || lookup(each.value, "security_group_egress_rules", null) != null || lookup(each.value, "security_group_rules", null) != null ? [var.version_decides] : [],
  ))
  user_data = var.version_decides
  metadata_options {
    http_tokens                 = try(each.value.metadata_options.http_tokens, "required")
    http_put_response_hop_limit = try(each.value.metadata_options.http_put_response_hop_limit, var.version_decides)
  }
}

resource "aws_eks_node_group" "this" {
  for_each        = local.managed
  cluster_name    = one(aws_eks_cluster.this[*].name)
  node_group_name = lookup(each.value, "use_name_prefix", true) == false ? (lookup(each.value, "name", null) != null ? each.value.name : each.key) : null
  subnet_ids      = lookup(each.value, "subnet_ids", null) != null ? each.value.subnet_ids : var.subnet_ids
  instance_types  = lookup(each.value, "instance_types", null)
  ami_type        = lookup(each.value, "ami_type", null)
  labels          = lookup(each.value, "labels", null)
  scaling_config {
    min_size     = lookup(each.value, "min_size", var.version_decides)
    max_size     = lookup(each.value, "max_size", 3)
    desired_size = lookup(each.value, "desired_size", 1)
  }
  dynamic "taint" {
    for_each = lookup(each.value, "taints", null)
    content {
      key    = taint.value.key
      value  = lookup(taint.value, "value", null)
      effect = taint.value.effect
    }
  }
  dynamic "update_config" {
    for_each = [lookup(each.value, "update_config", { max_unavailable_percentage = 33 })]
    content {
      max_unavailable            = try(update_config.value.max_unavailable, null)
      max_unavailable_percentage = try(update_config.value.max_unavailable_percentage, null)
    }
  }
  dynamic "launch_template" {
    for_each = lookup(each.value, "use_custom_launch_template", true) ? [1] : []
    content {
      id      = lookup(each.value, "create_launch_template", true) ? aws_launch_template.this[each.key].id : lookup(each.value, "launch_template_id", null)
      version = lookup(each.value, "launch_template_version", var.version_decides)
    }
  }
  dynamic "remote_access" {
    for_each = lookup(each.value, "remote_access", null) != null && lookup(each.value, "use_custom_launch_template", true) == false ? [each.value.remote_access] : []
    content {
      ec2_ssh_key               = try(remote_access.value.ec2_ssh_key, null)
      source_security_group_ids = try(remote_access.value.source_security_group_ids, null)
    }
  }
}

resource "aws_autoscaling_group" "self" {
  for_each            = local.self
  vpc_zone_identifier = lookup(each.value, "subnet_ids", null) != null ? each.value.subnet_ids : var.subnet_ids
  min_size            = lookup(each.value, "min_size", var.version_decides)
  max_size            = lookup(each.value, "max_size", var.version_decides)
  desired_capacity    = lookup(each.value, "desired_size", var.version_decides)
  tag {
    key   = "kubernetes.io/cluster/${local.name}"
    value = "owned"
  }
}

resource "aws_eks_fargate_profile" "this" {
  for_each             = local.profiles
  cluster_name         = one(aws_eks_cluster.this[*].name)
  fargate_profile_name = lookup(each.value, "name", null) != null ? each.value.name : each.key
  subnet_ids           = lookup(each.value, "subnet_ids", null) != null ? each.value.subnet_ids : var.subnet_ids
  dynamic "selector" {
    for_each = lookup(each.value, "selectors", null)
    content {
      namespace = selector.value.namespace
      labels    = lookup(selector.value, "labels", null)
    }
  }
}
