resource "aws_vpc" "shop" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "private_a" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.0.0.0/24"
  availability_zone = "eu-central-1a"
}

resource "aws_subnet" "private_b" {
  vpc_id            = aws_vpc.shop.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-central-1b"
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.shop.id
  route {
    cidr_block         = "0.0.0.0/0"
    transit_gateway_id = "tgw-0123456789abcdef0"
  }
}

resource "aws_route_table_association" "private_a" {
  subnet_id      = aws_subnet.private_a.id
  route_table_id = aws_route_table.private.id
}

resource "aws_route_table_association" "private_b" {
  subnet_id      = aws_subnet.private_b.id
  route_table_id = aws_route_table.private.id
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/cluster"
  vpc_config {
    subnet_ids              = [aws_subnet.private_a.id, aws_subnet.private_b.id]
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}

resource "aws_security_group" "node" {
  name   = "node"
  vpc_id = aws_vpc.shop.id
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
  ingress {
    from_port       = 10250
    to_port         = 10250
    protocol        = "tcp"
    security_groups = [aws_eks_cluster.shop.vpc_config[0].cluster_security_group_id]
  }
  ingress {
    from_port   = 8000
    to_port     = 8000
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/24"]
  }
  ingress {
    from_port   = 8001
    to_port     = 8001
    protocol    = "tcp"
    cidr_blocks = ["10.1.0.0/24"]
  }
  ingress {
    from_port   = 8002
    to_port     = 8002
    protocol    = "tcp"
    cidr_blocks = ["10.2.0.0/24"]
  }
  ingress {
    from_port   = 8003
    to_port     = 8003
    protocol    = "tcp"
    cidr_blocks = ["10.3.0.0/24"]
  }
  ingress {
    from_port   = 8004
    to_port     = 8004
    protocol    = "tcp"
    cidr_blocks = ["10.4.0.0/24"]
  }
  ingress {
    from_port   = 8005
    to_port     = 8005
    protocol    = "tcp"
    cidr_blocks = ["10.5.0.0/24"]
  }
  ingress {
    from_port   = 8006
    to_port     = 8006
    protocol    = "tcp"
    cidr_blocks = ["10.6.0.0/24"]
  }
  ingress {
    from_port   = 8007
    to_port     = 8007
    protocol    = "tcp"
    cidr_blocks = ["10.7.0.0/24"]
  }
  ingress {
    from_port   = 8008
    to_port     = 8008
    protocol    = "tcp"
    cidr_blocks = ["10.8.0.0/24"]
  }
  ingress {
    from_port   = 8009
    to_port     = 8009
    protocol    = "tcp"
    cidr_blocks = ["10.9.0.0/24"]
  }
  ingress {
    from_port   = 8010
    to_port     = 8010
    protocol    = "tcp"
    cidr_blocks = ["10.10.0.0/24"]
  }
  ingress {
    from_port   = 8011
    to_port     = 8011
    protocol    = "tcp"
    cidr_blocks = ["10.11.0.0/24"]
  }
  ingress {
    from_port   = 8012
    to_port     = 8012
    protocol    = "tcp"
    cidr_blocks = ["10.12.0.0/24"]
  }
  ingress {
    from_port   = 8013
    to_port     = 8013
    protocol    = "tcp"
    cidr_blocks = ["10.13.0.0/24"]
  }
  ingress {
    from_port   = 8014
    to_port     = 8014
    protocol    = "tcp"
    cidr_blocks = ["10.14.0.0/24"]
  }
  ingress {
    from_port   = 8015
    to_port     = 8015
    protocol    = "tcp"
    cidr_blocks = ["10.15.0.0/24"]
  }
  ingress {
    from_port   = 8016
    to_port     = 8016
    protocol    = "tcp"
    cidr_blocks = ["10.16.0.0/24"]
  }
  ingress {
    from_port   = 8017
    to_port     = 8017
    protocol    = "tcp"
    cidr_blocks = ["10.17.0.0/24"]
  }
  ingress {
    from_port   = 8018
    to_port     = 8018
    protocol    = "tcp"
    cidr_blocks = ["10.18.0.0/24"]
  }
  ingress {
    from_port   = 8019
    to_port     = 8019
    protocol    = "tcp"
    cidr_blocks = ["10.19.0.0/24"]
  }
  ingress {
    from_port   = 8020
    to_port     = 8020
    protocol    = "tcp"
    cidr_blocks = ["10.20.0.0/24"]
  }
  ingress {
    from_port   = 8021
    to_port     = 8021
    protocol    = "tcp"
    cidr_blocks = ["10.21.0.0/24"]
  }
  ingress {
    from_port   = 8022
    to_port     = 8022
    protocol    = "tcp"
    cidr_blocks = ["10.22.0.0/24"]
  }
  ingress {
    from_port   = 8023
    to_port     = 8023
    protocol    = "tcp"
    cidr_blocks = ["10.23.0.0/24"]
  }
  ingress {
    from_port   = 8024
    to_port     = 8024
    protocol    = "tcp"
    cidr_blocks = ["10.24.0.0/24"]
  }
  ingress {
    from_port   = 8025
    to_port     = 8025
    protocol    = "tcp"
    cidr_blocks = ["10.25.0.0/24"]
  }
  ingress {
    from_port   = 8026
    to_port     = 8026
    protocol    = "tcp"
    cidr_blocks = ["10.26.0.0/24"]
  }
  ingress {
    from_port   = 8027
    to_port     = 8027
    protocol    = "tcp"
    cidr_blocks = ["10.27.0.0/24"]
  }
  ingress {
    from_port   = 8028
    to_port     = 8028
    protocol    = "tcp"
    cidr_blocks = ["10.28.0.0/24"]
  }
  ingress {
    from_port   = 8029
    to_port     = 8029
    protocol    = "tcp"
    cidr_blocks = ["10.29.0.0/24"]
  }
  ingress {
    from_port   = 8030
    to_port     = 8030
    protocol    = "tcp"
    cidr_blocks = ["10.30.0.0/24"]
  }
  ingress {
    from_port   = 8031
    to_port     = 8031
    protocol    = "tcp"
    cidr_blocks = ["10.31.0.0/24"]
  }
  ingress {
    from_port   = 8032
    to_port     = 8032
    protocol    = "tcp"
    cidr_blocks = ["10.32.0.0/24"]
  }
  ingress {
    from_port   = 8033
    to_port     = 8033
    protocol    = "tcp"
    cidr_blocks = ["10.33.0.0/24"]
  }
  ingress {
    from_port   = 8034
    to_port     = 8034
    protocol    = "tcp"
    cidr_blocks = ["10.34.0.0/24"]
  }
  ingress {
    from_port   = 8035
    to_port     = 8035
    protocol    = "tcp"
    cidr_blocks = ["10.35.0.0/24"]
  }
  ingress {
    from_port   = 8036
    to_port     = 8036
    protocol    = "tcp"
    cidr_blocks = ["10.36.0.0/24"]
  }
  ingress {
    from_port   = 8037
    to_port     = 8037
    protocol    = "tcp"
    cidr_blocks = ["10.37.0.0/24"]
  }
  ingress {
    from_port   = 8038
    to_port     = 8038
    protocol    = "tcp"
    cidr_blocks = ["10.38.0.0/24"]
  }
  ingress {
    from_port   = 8039
    to_port     = 8039
    protocol    = "tcp"
    cidr_blocks = ["10.39.0.0/24"]
  }
  ingress {
    from_port   = 8040
    to_port     = 8040
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/24"]
  }
  ingress {
    from_port   = 8041
    to_port     = 8041
    protocol    = "tcp"
    cidr_blocks = ["10.41.0.0/24"]
  }
  ingress {
    from_port   = 8042
    to_port     = 8042
    protocol    = "tcp"
    cidr_blocks = ["10.42.0.0/24"]
  }
  ingress {
    from_port   = 8043
    to_port     = 8043
    protocol    = "tcp"
    cidr_blocks = ["10.43.0.0/24"]
  }
  ingress {
    from_port   = 8044
    to_port     = 8044
    protocol    = "tcp"
    cidr_blocks = ["10.44.0.0/24"]
  }
  ingress {
    from_port   = 8045
    to_port     = 8045
    protocol    = "tcp"
    cidr_blocks = ["10.45.0.0/24"]
  }
  ingress {
    from_port   = 8046
    to_port     = 8046
    protocol    = "tcp"
    cidr_blocks = ["10.46.0.0/24"]
  }
  ingress {
    from_port   = 8047
    to_port     = 8047
    protocol    = "tcp"
    cidr_blocks = ["10.47.0.0/24"]
  }
  ingress {
    from_port   = 8048
    to_port     = 8048
    protocol    = "tcp"
    cidr_blocks = ["10.48.0.0/24"]
  }
  ingress {
    from_port   = 8049
    to_port     = 8049
    protocol    = "tcp"
    cidr_blocks = ["10.49.0.0/24"]
  }
  ingress {
    from_port   = 8050
    to_port     = 8050
    protocol    = "tcp"
    cidr_blocks = ["10.50.0.0/24"]
  }
  ingress {
    from_port   = 8051
    to_port     = 8051
    protocol    = "tcp"
    cidr_blocks = ["10.51.0.0/24"]
  }
  ingress {
    from_port   = 8052
    to_port     = 8052
    protocol    = "tcp"
    cidr_blocks = ["10.52.0.0/24"]
  }
  ingress {
    from_port   = 8053
    to_port     = 8053
    protocol    = "tcp"
    cidr_blocks = ["10.53.0.0/24"]
  }
  ingress {
    from_port   = 8054
    to_port     = 8054
    protocol    = "tcp"
    cidr_blocks = ["10.54.0.0/24"]
  }
  ingress {
    from_port   = 8055
    to_port     = 8055
    protocol    = "tcp"
    cidr_blocks = ["10.55.0.0/24"]
  }
  ingress {
    from_port   = 8056
    to_port     = 8056
    protocol    = "tcp"
    cidr_blocks = ["10.56.0.0/24"]
  }
  ingress {
    from_port   = 8057
    to_port     = 8057
    protocol    = "tcp"
    cidr_blocks = ["10.57.0.0/24"]
  }
  ingress {
    from_port   = 8058
    to_port     = 8058
    protocol    = "tcp"
    cidr_blocks = ["10.58.0.0/24"]
  }
  ingress {
    from_port   = 8059
    to_port     = 8059
    protocol    = "tcp"
    cidr_blocks = ["10.59.0.0/24"]
  }
  ingress {
    from_port   = 8060
    to_port     = 8060
    protocol    = "tcp"
    cidr_blocks = ["10.60.0.0/24"]
  }
  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_vpc_security_group_ingress_rule" "api" {
  security_group_id            = aws_eks_cluster.shop.vpc_config[0].cluster_security_group_id
  referenced_security_group_id = aws_security_group.node.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_launch_template" "app" {
  name                   = "app"
  instance_type          = "m5.large"
  vpc_security_group_ids = [aws_security_group.node.id]
}

resource "aws_eks_node_group" "app" {
  cluster_name    = aws_eks_cluster.shop.name
  node_group_name = "app"
  node_role_arn   = "arn:aws:iam::111122223333:role/node"
  subnet_ids      = [aws_subnet.private_a.id, aws_subnet.private_b.id]
  launch_template {
    id      = aws_launch_template.app.id
    version = aws_launch_template.app.latest_version
  }
  scaling_config {
    min_size     = 1
    desired_size = 3
    max_size     = 3
  }
}
