resource "kubernetes_deployment_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  spec {
    selector { match_labels = { app = "web", tier = "frontend" } }
    template {
      metadata { labels = { app = "web", tier = "frontend" } }
      spec {
        container {
          name  = "web"
          image = "web:1"
        }
      }
    }
  }
}
resource "kubernetes_service_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  spec {
    selector = { app = "web", tier = "front-end" }
    port { port = 80 }
  }
}
resource "kubernetes_endpoints_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  subset {
    address { ip = "10.9.0.1" }
    port { port = 80 }
  }
}
