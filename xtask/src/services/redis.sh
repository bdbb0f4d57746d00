# A private Redis on 127.0.0.1:$1, until the end of standard input. A line there is a command, and an empty line says
# that it was done: `kill`, `start` again, `pause` so that it hangs, `resume`.
set -eu
port=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/jeton-redis.XXXXXX")
# Paused, it would hear of nothing milder.
trap 'kill -KILL $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT

start() {
    redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" --save '' --appendonly no >"$folder/log" 2>&1 </dev/null &
    server=$!
    until redis-cli -p "$port" ping >/dev/null 2>&1; do
        kill -0 $server 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.05
    done
}

start
echo "JETON_TEST_REDIS_URL=redis://127.0.0.1:$port"
echo
while read -r command; do
    case $command in
        kill) kill -KILL $server; wait $server 2>/dev/null || true ;;
        start) start ;;
        pause) kill -STOP $server ;;
        resume) kill -CONT $server ;;
    esac
    echo
done
