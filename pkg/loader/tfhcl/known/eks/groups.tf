variable "create_security_group" { default = null }
variable "create_cluster_security_group" { default = null }
variable "security_group_id" { default = null }
variable "cluster_security_group_id" { default = null }
variable "additional_security_group_ids" { default = null }
variable "cluster_additional_security_group_ids" { default = null }
variable "security_group_additional_rules" { default = null }
variable "cluster_security_group_additional_rules" { default = null }
variable "security_group_tags" { default = {} }
variable "create_node_security_group" { default = true }
variable "node_security_group_id" { default = null }
variable "node_security_group_name" { default = null }
variable "node_security_group_additional_rules" { default = {} }
variable "node_security_group_enable_recommended_rules" { default = true }
variable "node_security_group_tags" { default = {} }

locals {
  create_group                  = var.create && (var.create_security_group != null ? var.create_security_group : var.create_cluster_security_group != null ? var.create_cluster_security_group : true)
  create_node_group             = var.create && var.create_node_security_group
  security_group_id             = local.create_group ? one(aws_security_group.cluster[*].id) : var.security_group_id != null ? var.security_group_id : var.cluster_security_group_id
  node_security_group_id        = local.create_node_group ? one(aws_security_group.node[*].id) : var.node_security_group_id
  additional_security_group_ids = var.additional_security_group_ids != null ? var.additional_security_group_ids : var.cluster_additional_security_group_ids != null ? var.cluster_additional_security_group_ids : []

  cluster_rules = merge(
    { for k, v in { ingress_nodes_443 = { type = "ingress", protocol = "tcp", from_port = 443, to_port = 443, source_node_security_group = true } } : k => v if local.create_node_group },
    var.security_group_additional_rules,
    var.cluster_security_group_additional_rules,
  )
  node_rules = merge(
    {
      ingress_cluster_443      = { type = "ingress", protocol = "tcp", from_port = 443, to_port = 443, source_cluster_security_group = true }
      ingress_cluster_kubelet  = { type = "ingress", protocol = "tcp", from_port = 10250, to_port = 10250, source_cluster_security_group = true }
      ingress_self_coredns_tcp = { type = "ingress", protocol = "tcp", from_port = 53, to_port = 53, self = true }
      ingress_self_coredns_udp = { type = "ingress", protocol = "udp", from_port = 53, to_port = 53, self = true }
      # Each version opens some ports of webhooks to the control plane.
      ingress_cluster_webhooks = { type = "ingress", protocol = "tcp", from_port = var.version_decides, to_port = var.version_decides, source_cluster_security_group = true }
    },
    var.node_security_group_additional_rules,
  )
}

resource "aws_security_group" "cluster" {
  count  = local.create_group ? 1 : 0
  vpc_id = var.vpc_id
  tags   = merge(var.tags, { Name = "${local.name}-cluster" }, var.security_group_tags)
}

resource "aws_security_group_rule" "cluster" {
  for_each                 = { for k, v in local.cluster_rules : k => v if local.create_group }
  security_group_id        = aws_security_group.cluster[0].id
  type                     = each.value.type
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  cidr_blocks              = try(each.value.cidr_blocks, null)
  ipv6_cidr_blocks         = try(each.value.ipv6_cidr_blocks, null)
  prefix_list_ids          = try(each.value.prefix_list_ids, null)
  self                     = try(each.value.self, null)
  source_security_group_id = try(each.value.source_node_security_group, false) == true ? local.node_security_group_id : try(each.value.source_security_group_id, null)
}

resource "aws_security_group" "node" {
  count  = local.create_node_group ? 1 : 0
  vpc_id = var.vpc_id
  tags   = merge(var.tags, { Name = var.node_security_group_name != null ? var.node_security_group_name : "${local.name}-node", "kubernetes.io/cluster/${local.name}" = "owned" }, var.node_security_group_tags)
}

resource "aws_security_group_rule" "node" {
  for_each                 = { for k, v in local.node_rules : k => v if local.create_node_group }
  security_group_id        = aws_security_group.node[0].id
  type                     = each.value.type
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  cidr_blocks              = try(each.value.cidr_blocks, null)
  ipv6_cidr_blocks         = try(each.value.ipv6_cidr_blocks, null)
  prefix_list_ids          = try(each.value.prefix_list_ids, null)
  self                     = try(each.value.self, null)
  source_security_group_id = try(each.value.source_cluster_security_group, false) == true ? local.security_group_id : try(each.value.source_security_group_id, null)
}

# Since version 19. Before, the rules of the group were others.
resource "aws_security_group_rule" "node_to_node" {
  count             = local.create_node_group && var.node_security_group_enable_recommended_rules && (local.major >= 19 ? true : var.version_decides) ? 1 : 0
  security_group_id = aws_security_group.node[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 1025
  to_port           = 65535
  self              = true
}

resource "aws_security_group_rule" "node_egress" {
  count             = local.create_node_group && var.node_security_group_enable_recommended_rules && (local.major >= 19 ? true : var.version_decides) ? 1 : 0
  security_group_id = aws_security_group.node[0].id
  type              = "egress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = ["0.0.0.0/0"]
}
