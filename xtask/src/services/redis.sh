# A private Redis on 127.0.0.1:$1, until the end of standard input.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/jeton-redis.XXXXXX")
redis-server --port "$1" --bind 127.0.0.1 --dir "$folder" --save '' --appendonly no >"$folder/log" 2>&1 </dev/null &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server || true; rm -rf "$folder"' EXIT

until redis-cli -p "$1" ping >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.05
done

echo "JETON_TEST_REDIS_URL=redis://127.0.0.1:$1"
echo
exec >/dev/null
cat >/dev/null
