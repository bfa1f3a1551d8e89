variable "name" {}

resource "kubernetes_service_v1" "web" {
  metadata {
    name      = var.name
    namespace = "shop"
  }
  spec {
    selector = { app = "web" }
    port { port = 80 }
  }
}

resource "kubernetes_service_v1" "api" {
  metadata {
    name      = "api"
    namespace = "shop"
  }
  spec {
    selector = { app = "api" }
    port { port = 80 }
  }
}

resource "kubernetes_deployment_v1" "this" {
  for_each = toset(["web", "api"])
  metadata {
    name      = each.key
    namespace = "shop"
  }
  spec {
    selector {
      match_labels = { app = each.key }
    }
    template {
      metadata {
        labels = { app = each.key }
      }
      spec {
        container {
          name  = each.key
          image = "registry.example.com/shop/${each.key}:1.8.0"
          port { container_port = 80 }
        }
      }
    }
  }
}

resource "kubernetes_ingress_v1" "shop" {
  metadata {
    name      = "shop"
    namespace = "shop"
    annotations = {
      "alb.ingress.kubernetes.io/target-type" = "ip"
    }
  }
  spec {
    ingress_class_name = "alb"
    rule {
      http {
        dynamic "path" {
          for_each = toset(["checkout", "api"])
          content {
            path      = "/${path.key}"
            path_type = "Prefix"
            backend {
              service {
                name = path.key
                port { number = 80 }
              }
            }
          }
        }
      }
    }
  }
}
