#!/bin/sh
# Writes plan.json, created.json, state.json and raw.json. It needs Terraform 1.7 or later
# and jq, and no network: everything is made of the built-in provider.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -R "$here/main.tf" "$here/modules" "$dir"
cd "$dir"
echo '{"version": 4, "serial": 1, "lineage": "a", "outputs": {"vpc_id": {"value": "vpc-0123456789abcdef0", "type": "string"}}}' >other.tfstate
show() { terraform show -json "$1" | jq 'del(.timestamp)' >"$here/$2"; }

terraform init -input=false >/dev/null
terraform plan -input=false -out created.plan >/dev/null
show created.plan created.json

# What the second step finds: an older configuration, without what is new in this.
awk '/^# One of each/ { skip = 1 } /^# Kept/ { skip = 0 } /^(moved|removed) / { exit } !skip' main.tf |
  sed 's/new_name/old_name/' >old.tf
cat >>old.tf <<'EOF'
resource "terraform_data" "forgotten" { input = "forgotten" }
resource "terraform_data" "deleted" { input = "deleted" }
EOF
mv main.tf main.tf.new
terraform apply -input=false -auto-approve -var step=1 >/dev/null
rm old.tf
mv main.tf.new main.tf
terraform plan -input=false -out changed.plan >/dev/null
show changed.plan plan.json
terraform show -json | jq . >"$here/state.json"
terraform state pull | jq . >"$here/raw.json"
