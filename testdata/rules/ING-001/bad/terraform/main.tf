locals {
  app = "web"
}

resource "kubernetes_deployment" "web" {
  metadata {
    name      = local.app
    namespace = "shop"
  }
  spec {
    selector {
      match_labels = { app = local.app }
    }
    template {
      metadata {
        labels = { app = local.app }
      }
      spec {
        container {
          name  = "web"
          image = "registry.example.com/shop/web:1.8.0"
          port { container_port = 8080 }
        }
      }
    }
  }
}

resource "kubernetes_service" "web" {
  metadata {
    name      = local.app
    namespace = "shop"
  }
  spec {
    selector = { app = local.app }
    port {
      port        = 80
      target_port = 8080
    }
  }
}

resource "kubernetes_ingress_v1" "shop" {
  metadata {
    name      = "shop"
    namespace = "shop"
  }
  spec {
    ingress_class_name = "alb"
    rule {
      http {
        path {
          path = "/"
          backend {
            service {
              name = kubernetes_service.web.metadata[0].name
              port { number = 80 }
            }
          }
        }
      }
    }
  }
}
