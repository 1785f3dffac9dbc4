# What comes before the commands of a page.
set -euo pipefail

# However it ends, what it has started ends with it.
trap 'trap - TERM; kill 0' EXIT

server_pid=

# Starts a Weft in place of the one that runs, and waits until it is ready.
server() {
  stop_server
  "$@" &
  server_pid=$!
  until curl -s -o /dev/null "http://127.0.0.1:$WEFT_PORT/health/ready"; do
    kill -0 "$server_pid"
    sleep 0.05
  done
}

stop_server() {
  [ -n "$server_pid" ] || return 0
  kill "$server_pid"
  wait "$server_pid" || true
  server_pid=
}

# Lets a command go on by itself, once it has said something.
background() {
  local said
  said=$(mktemp "$TMPDIR/said.XXXXXX")
  { "$@" | tee "$said"; } &
  until [ -s "$said" ]; do
    kill -0 "$!"
    sleep 0.05
  done
}

# Waits until a port of this machine answers, with whatever.
listening() {
  until curl -q -s -o /dev/null "http://127.0.0.1:$1/"; do sleep 0.05; done
}

