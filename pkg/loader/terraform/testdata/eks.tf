variable "open" {}
resource "aws_eks_cluster" "demo" {
  name    = "demo"
  version = "1.34"
  vpc_config {
    subnet_ids              = ["subnet-1", "subnet-2"]
    security_group_ids      = ["sg-1"]
    endpoint_private_access = true
  }
  kubernetes_network_config { service_ipv4_cidr = "172.20.0.0/16" }
}
resource "aws_eks_cluster" "open" {
  name = var.open
  dynamic "vpc_config" {
    for_each = var.open
    content {}
  }
  compute_config { enabled = true }
}
resource "aws_eks_node_group" "plain" {
  cluster_name    = aws_eks_cluster.demo.name
  node_group_name = "plain"
  subnet_ids      = ["subnet-1"]
  scaling_config {
    min_size     = 1
    max_size     = 3
    desired_size = 2
  }
  labels = { role = "web" }
  taint {
    key    = "k"
    effect = "NO_SCHEDULE"
  }
  dynamic "taint" {
    for_each = var.open
    content { key = taint.value }
  }
}
resource "aws_eks_node_group" "template" {
  cluster_name           = aws_eks_cluster.demo.id
  node_group_name_prefix = "t-"
  subnet_ids             = var.open
  update_config { max_unavailable_percentage = 33 }
  launch_template {
    name    = "nodes"
    version = aws_launch_template.nodes.latest_version
  }
  remote_access {
    ec2_ssh_key               = "key"
    source_security_group_ids = ["sg-2"]
  }
}
resource "aws_eks_node_group" "types" {
  cluster_name    = "demo"
  node_group_name = "types"
  instance_types  = ["m5.large"]
  dynamic "update_config" {
    for_each = var.open
    content {}
  }
}
resource "aws_eks_node_group" "other" {
  cluster_name    = "demo"
  node_group_name = "other"
  instance_types  = ["m5.large", var.open]
  launch_template {
    name    = "elsewhere"
    version = "1"
  }
}
resource "aws_launch_template" "nodes" {
  name                   = "nodes"
  vpc_security_group_ids = ["sg-3"]
  instance_type          = "m5.xlarge"
  image_id               = "ami-1"
  user_data              = "aGVsbG8="
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}
resource "aws_launch_template" "interfaces" {
  name = "interfaces"
  network_interfaces {
    security_groups             = ["sg-4"]
    associate_public_ip_address = "true"
  }
  network_interfaces {
    device_index    = 1
    security_groups = ["sg-5"]
  }
  user_data = "%"
}
resource "aws_autoscaling_group" "self" {
  name                = "self"
  vpc_zone_identifier = ["subnet-1"]
  min_size            = 0
  max_size            = 2
  launch_template { id = aws_launch_template.nodes.id }
  tag {
    key                 = "kubernetes.io/cluster/demo"
    value               = "owned"
    propagate_at_launch = true
  }
}
resource "aws_autoscaling_group" "unrelated" { name = "unrelated" }
resource "aws_eks_fargate_profile" "f" {
  cluster_name         = "demo"
  fargate_profile_name = "f"
  subnet_ids           = ["subnet-3"]
  selector {
    namespace = "batch"
    labels    = { size = "small" }
  }
  dynamic "selector" {
    for_each = var.open
    content { namespace = selector.value }
  }
}
resource "aws_eks_addon" "cni" {
  cluster_name         = "demo"
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}
resource "aws_lb" "l" {
  internal           = true
  load_balancer_type = "network"
  subnet_mapping { subnet_id = "subnet-1" }
}
resource "aws_alb" "a" {
  subnets         = ["subnet-1", "subnet-2"]
  security_groups = ["sg-1"]
}
resource "aws_elb" "c" { subnets = ["subnet-1"] }
resource "aws_network_interface" "i" {
  subnet_id       = "subnet-1"
  private_ips     = ["10.0.0.5"]
  security_groups = ["sg-1"]
}
resource "aws_subnet" "wrong" { cidr_block = "10.0.0.0/33" }
resource "aws_iam_role" "ignored" {}
