resource "kubernetes_network_policy_v1" "default_deny" {
  metadata {
    name      = "default-deny"
    namespace = "shop"
  }
  spec {
    pod_selector {}
    policy_types = ["Ingress"]
  }
}

resource "kubernetes_network_policy_v1" "web" {
  metadata {
    name      = "web"
    namespace = "shop"
  }
  spec {
    policy_types = ["Ingress"]
    pod_selector {
      match_labels = { app = "web" }
    }
    ingress {
      from {
        pod_selector {
          match_labels = { app = "api" }
        }
      }
      ports {
        port = "80"
      }
    }
  }
}

resource "kubernetes_deployment_v1" "this" {
  for_each = { web = 8080, api = 9000 }
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
          port {
            name           = "http"
            container_port = each.value
          }
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
    selector = { app = "web" }
    port {
      name        = "http"
      port        = 80
      target_port = "8080"
    }
  }
}
