variable "open" {}
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_security_group" "empty" {
  name   = "empty"
  vpc_id = aws_vpc.main.id
}
resource "aws_security_group" "inline" {
  name_prefix = "inline-"
  vpc_id      = aws_vpc.main.id
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["10.0.0.0/8", "0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
    security_groups  = [aws_security_group.empty.id]
    prefix_list_ids  = ["pl-1"]
    self             = true
  }
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = var.open
  }
  dynamic "egress" {
    for_each = var.open
    content { protocol = "-1" }
  }
}
resource "aws_security_group_rule" "in" {
  type                     = "ingress"
  security_group_id        = aws_security_group.empty.id
  source_security_group_id = aws_security_group.inline.id
  from_port                = -1
  to_port                  = -1
  protocol                 = "icmp"
}
resource "aws_security_group_rule" "open" {
  type              = var.open
  security_group_id = aws_security_group.empty.id
}
resource "aws_security_group_rule" "ports" {
  type              = "egress"
  security_group_id = aws_security_group.empty.id
  from_port         = var.open
  to_port           = 80
  protocol          = "tcp"
  cidr_blocks       = var.open
}
resource "aws_vpc_security_group_ingress_rule" "self" {
  security_group_id            = aws_security_group.empty.id
  referenced_security_group_id = aws_security_group.empty.id
  ip_protocol                  = "-1"
}
resource "aws_vpc_security_group_egress_rule" "v6" {
  security_group_id = aws_security_group.empty.id
  cidr_ipv6         = "::/0"
  ip_protocol       = "-1"
}
resource "aws_default_security_group" "d" {
  vpc_id = aws_vpc.main.id
  ingress {
    protocol  = -1
    self      = true
    from_port = 0
    to_port   = 0
  }
}
resource "aws_vpc_security_group_ingress_rule" "default" {
  security_group_id = aws_vpc.main.default_security_group_id
  cidr_ipv4         = "10.0.0.0/8"
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}
resource "aws_network_acl" "a" {
  vpc_id     = aws_vpc.main.id
  subnet_ids = ["subnet-1", var.open]
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    from_port  = 443
    to_port    = 443
    cidr_block = "0.0.0.0/0"
  }
  egress {
    rule_no         = 200
    action          = "deny"
    protocol        = "-1"
    from_port       = 0
    to_port         = 0
    ipv6_cidr_block = "::/0"
  }
}
resource "aws_network_acl_rule" "r" {
  network_acl_id = aws_network_acl.a.id
  rule_number    = 300
  rule_action    = "allow"
  protocol       = 17
  from_port      = 53
  to_port        = 53
  cidr_block     = "10.0.0.0/8"
}
resource "aws_network_acl_rule" "open" {
  network_acl_id = aws_network_acl.a.id
  rule_number    = var.open
  egress         = var.open
  rule_action    = var.open
  protocol       = "all"
  cidr_block     = var.open
}
resource "aws_network_acl_association" "a" {
  network_acl_id = aws_network_acl.a.id
  subnet_id      = "subnet-2"
}
resource "aws_default_network_acl" "d" {
  default_network_acl_id = aws_vpc.main.default_network_acl_id
}
resource "aws_default_network_acl" "some" {
  count                  = var.open
  default_network_acl_id = aws_vpc.main.default_network_acl_id
}
