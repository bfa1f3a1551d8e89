# lines reads non-empty lines into the array "read". Bash 3.2 of macOS has no mapfile.
lines() {
  read=()
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [ -n "$line" ]; then read+=("$line"); fi
  done <<<"$1"
}
