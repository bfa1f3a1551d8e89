variable "ports" {
  default = { http = { number = 80, target = "8080" } }
}

locals {
  app = "web"
}

resource "kubernetes_namespace_v1" "shop" {
  metadata {
    name   = "shop"
    labels = { team_name = "web" }
  }
  wait_for_default_service_account = true
}

resource "kubernetes_config_map" "web" {
  metadata {
    name      = local.app
    namespace = kubernetes_namespace_v1.shop.metadata[0].name
  }
  immutable = false
  data = {
    some_key     = ""
    "nginx.conf" = "listen 80;"
  }
}

resource "kubernetes_service_account_v1" "web" {
  metadata {
    name      = local.app
    namespace = "shop"
  }
  image_pull_secret { name = "registry" }
  automount_service_account_token = false
}

resource "kubernetes_deployment" "web" {
  wait_for_rollout = false

  metadata {
    name      = local.app
    namespace = "shop"
    labels    = { app = local.app }
  }

  spec {
    replicas                  = 2
    progress_deadline_seconds = 600
    revision_history_limit    = 10

    selector {
      match_labels = { app = local.app }
      match_expressions {
        key      = "canary"
        operator = "DoesNotExist"
      }
    }

    strategy {
      type = "RollingUpdate"
      rolling_update {
        max_surge       = "25%"
        max_unavailable = "1"
      }
    }

    template {
      metadata {
        labels      = { app = local.app, some_tier = "" }
        annotations = { "prometheus.io/port" = 9090 }
      }

      spec {
        automount_service_account_token  = true
        dns_policy                       = "ClusterFirst"
        enable_service_links             = true
        node_selector                    = { disk_type = "ssd" }
        restart_policy                   = "Always"
        service_account_name             = "web"
        share_process_namespace          = false
        termination_grace_period_seconds = 0

        dns_config {
          nameservers = ["10.0.0.2"]
          searches    = ["example.com"]
          option {
            name  = "ndots"
            value = 2
          }
          option { name = "edns0" }
        }

        host_aliases {
          ip        = "10.0.0.9"
          hostnames = ["old.example.com"]
        }

        image_pull_secrets { name = "registry" }

        security_context {
          fs_group        = "2000"
          run_as_non_root = false
          sysctl {
            name  = "net.core.somaxconn"
            value = "1024"
          }
        }

        affinity {
          node_affinity {
            required_during_scheduling_ignored_during_execution {
              node_selector_term {
                match_expressions {
                  key      = "topology.kubernetes.io/zone"
                  operator = "In"
                  values   = ["eu-west-1a"]
                }
              }
            }
          }
          pod_anti_affinity {
            preferred_during_scheduling_ignored_during_execution {
              weight = 100
              pod_affinity_term {
                topology_key = "kubernetes.io/hostname"
                label_selector {
                  match_labels = { app = local.app }
                }
              }
            }
          }
        }

        toleration {
          key      = "dedicated"
          operator = "Equal"
          value    = "web"
          effect   = "NoSchedule"
        }
        toleration {
          operator           = "Exists"
          effect             = "NoExecute"
          toleration_seconds = "30"
        }

        topology_spread_constraint {
          max_skew           = 1
          topology_key       = "topology.kubernetes.io/zone"
          when_unsatisfiable = "DoNotSchedule"
          label_selector {
            match_labels = { app = local.app }
          }
        }

        init_container {
          name                     = "init"
          image                    = "busybox"
          command                  = ["sh", "-c", ""]
          termination_message_path = "/dev/termination-log"
        }

        container {
          name                     = "web"
          image                    = "nginx:1.27"
          args                     = ["--port", "8080"]
          termination_message_path = "/dev/termination-log"

          port {
            name           = "http"
            container_port = 8080
            protocol       = "TCP"
          }
          port {
            name           = "dns"
            container_port = 53
            host_port      = 5353
            host_ip        = "10.0.0.1"
            protocol       = "UDP"
          }

          env {
            name  = "BACKEND"
            value = "http://api:8080"
          }
          env { name = "EMPTY" }
          env {
            name = "KEY"
            value_from {
              config_map_key_ref {
                name     = "web"
                key      = "some_key"
                optional = false
              }
            }
          }
          env {
            name = "IP"
            value_from {
              field_ref {
                api_version = "v1"
                field_path  = "status.podIP"
              }
            }
          }

          env_from {
            config_map_ref {
              name     = "web"
              optional = false
            }
          }
          env_from {
            prefix = "S_"
            secret_ref {
              name     = "web"
              optional = true
            }
          }

          resources {
            limits   = { cpu = "500m", memory = "128Mi" }
            requests = { cpu = 1 }
          }

          liveness_probe {
            initial_delay_seconds = 5
            failure_threshold     = 3
            period_seconds        = 10
            success_threshold     = 1
            timeout_seconds       = 1
            http_get {
              path   = "/"
              port   = "http"
              scheme = "HTTP"
              http_header {
                name  = "Host"
                value = "shop.example.com"
              }
            }
          }

          readiness_probe {
            failure_threshold = 3
            period_seconds    = 10
            success_threshold = 1
            timeout_seconds   = 1
            tcp_socket { port = "8080" }
          }

          lifecycle {
            pre_stop {
              exec { command = ["sleep", "5"] }
            }
          }

          security_context {
            allow_privilege_escalation = false
            privileged                 = false
            read_only_root_filesystem  = false
            run_as_non_root            = false
            run_as_user                = "0"
            capabilities { drop = ["ALL"] }
          }

          volume_mount {
            name              = "conf"
            mount_path        = "/etc/nginx"
            read_only         = true
            mount_propagation = "None"
          }
          volume_mount {
            name              = "tmp"
            mount_path        = "/tmp"
            mount_propagation = "None"
          }
        }

        volume {
          name = "conf"
          config_map {
            name         = "web"
            default_mode = "0644"
            optional     = false
            items {
              key  = "nginx.conf"
              path = "nginx.conf"
              mode = "0400"
            }
          }
        }
        volume {
          name = "tmp"
          empty_dir {}
        }
      }
    }
  }
}

resource "kubernetes_service_v1" "web" {
  metadata {
    name        = local.app
    namespace   = "shop"
    annotations = { "service.beta.kubernetes.io/aws-load-balancer-type" = "external" }
  }
  spec {
    type                              = "LoadBalancer"
    allocate_load_balancer_node_ports = true
    selector                          = { app = local.app, some_tier = "" }
    session_affinity                  = "ClientIP"
    external_traffic_policy           = "Local"
    external_ips                      = ["192.0.2.1"]
    load_balancer_source_ranges       = ["10.0.0.0/8"]
    session_affinity_config {
      client_ip { timeout_seconds = 600 }
    }
    dynamic "port" {
      for_each = var.ports
      content {
        name         = port.key
        port         = port.value.number
        target_port  = port.value.target
        protocol     = "TCP"
        app_protocol = "http"
      }
    }
    port {
      name        = "dns"
      port        = 53
      target_port = "dns"
      protocol    = "UDP"
      node_port   = 30053
    }
  }
}

resource "kubernetes_ingress_v1" "web" {
  wait_for_load_balancer = true
  metadata {
    name        = local.app
    namespace   = "shop"
    annotations = { "alb.ingress.kubernetes.io/scheme" = "internal" }
  }
  spec {
    ingress_class_name = "alb"
    default_backend {
      service {
        name = "web"
        port { name = "http" }
      }
    }
    rule {
      host = "shop.example.com"
      http {
        path {
          path      = "/"
          path_type = "Prefix"
          backend {
            service {
              name = "web"
              port { number = 80 }
            }
          }
        }
        path {
          path = "/*"
          backend {
            service {
              name = "web"
              port { number = 80 }
            }
          }
        }
      }
    }
    tls {
      hosts       = ["shop.example.com"]
      secret_name = "tls"
    }
  }
}

resource "kubernetes_network_policy" "deny" {
  metadata {
    name      = "deny"
    namespace = "shop"
  }
  spec {
    pod_selector {}
    policy_types = ["Ingress", "Egress"]
  }
}

resource "kubernetes_network_policy_v1" "web" {
  metadata {
    name      = local.app
    namespace = "shop"
  }
  spec {
    policy_types = ["Ingress", "Egress"]
    pod_selector {
      match_labels = { app = local.app }
      match_expressions {
        key      = "some_tier"
        operator = "In"
        values   = ["", "front"]
      }
    }
    ingress {
      from {
        namespace_selector {}
        pod_selector {
          match_labels = { app = "gate" }
        }
      }
      from {
        ip_block {
          cidr   = "10.0.0.0/8"
          except = ["10.1.0.0/16"]
        }
      }
      from {
        pod_selector {}
      }
      ports {
        port     = "http"
        protocol = "TCP"
      }
      ports {
        port     = 9000
        end_port = 9100
        protocol = "TCP"
      }
      ports { protocol = "UDP" }
    }
    egress {}
  }
}

resource "kubernetes_horizontal_pod_autoscaler_v2" "web" {
  metadata {
    name      = local.app
    namespace = "shop"
  }
  spec {
    min_replicas = 1
    max_replicas = 10
    scale_target_ref {
      api_version = "apps/v1"
      kind        = "Deployment"
      name        = "web"
    }
    metric {
      type = "Resource"
      resource {
        name = "cpu"
        target {
          type                = "Utilization"
          average_utilization = 80
        }
      }
    }
    behavior {
      scale_down {
        stabilization_window_seconds = 300
        select_policy                = "Min"
        policy {
          type           = "Pods"
          value          = 1
          period_seconds = 120
        }
      }
    }
  }
}
