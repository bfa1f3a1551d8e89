variable "cluster_name" {
  type    = string
  default = "demo"
}

resource "aws_eks_cluster" "demo" {
  name    = var.cluster_name
  version = "1.34"
  vpc_config {
    subnet_ids              = values(aws_subnet.private)[*].id
    endpoint_public_access  = true
    endpoint_private_access = true
    public_access_cidrs     = ["203.0.113.0/24"]
  }
  kubernetes_network_config {
    service_ipv4_cidr = "172.20.0.0/16"
  }
}

resource "aws_launch_template" "app" {
  name                   = "demo-app"
  vpc_security_group_ids = [aws_security_group.node.id]
  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
}

resource "aws_eks_node_group" "app" {
  cluster_name    = aws_eks_cluster.demo.name
  node_group_name = "app"
  subnet_ids      = values(aws_subnet.private)[*].id
  instance_types  = ["m6i.large"]
  ami_type        = "AL2023_x86_64_STANDARD"
  labels          = { workload = "app" }
  scaling_config {
    min_size     = 2
    max_size     = 6
    desired_size = 3
  }
  update_config {
    max_unavailable = 1
  }
  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }
}

resource "aws_security_group" "node" {
  name   = "demo-node"
  vpc_id = aws_vpc.demo.id
  tags   = { Name = "demo-node" }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group_rule" "node_itself" {
  type              = "ingress"
  security_group_id = aws_security_group.node.id
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  self              = true
}

resource "aws_security_group_rule" "node_from_cluster" {
  for_each                 = toset(["443", "10250"])
  type                     = "ingress"
  security_group_id        = aws_security_group.node.id
  source_security_group_id = aws_eks_cluster.demo.vpc_config[0].cluster_security_group_id
  protocol                 = "tcp"
  from_port                = each.value
  to_port                  = each.value
}

resource "aws_vpc_security_group_ingress_rule" "cluster_from_node" {
  security_group_id            = aws_eks_cluster.demo.vpc_config[0].cluster_security_group_id
  referenced_security_group_id = aws_security_group.node.id
  ip_protocol                  = "-1"
}

resource "aws_security_group" "alb" {
  name   = "demo-alb"
  vpc_id = aws_vpc.demo.id
  tags   = { Name = "demo-alb" }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
