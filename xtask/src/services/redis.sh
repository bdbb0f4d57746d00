# A private Redis on 127.0.0.1:$1, with TLS alone when $3 is `tls`, until the end of standard input. A line there is a
# command, and an empty line says that it was done: `kill`, `start` again, `pause` so that it hangs, `resume`.
set -eu
port=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/jeton-redis.XXXXXX")
# Paused, it would hear of nothing milder.
trap 'kill -KILL $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
url=redis://127.0.0.1:$port
listen="--port $port"
talk="-p $port"
if [ "${3:-}" = tls ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
        -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
        -keyout "$folder/key" -out "$folder/certificate" 2>"$folder/openssl" ||
        { cat "$folder/openssl" >&2; exit 1; }
    url=rediss://127.0.0.1:$port
    listen="--port 0 --tls-port $port --tls-cert-file $folder/certificate --tls-key-file $folder/key --tls-auth-clients no"
    talk="-p $port --tls --cacert $folder/certificate"
fi

start() {
    redis-server $listen --bind 127.0.0.1 --dir "$folder" --save '' --appendonly no >"$folder/log" 2>&1 </dev/null &
    server=$!
    until redis-cli $talk ping >/dev/null 2>&1; do
        kill -0 $server 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.05
    done
}

start
echo "JETON_TEST_REDIS_URL=$url"
[ ! -e "$folder/certificate" ] || echo "JETON_TEST_REDIS_ROOT_CERT=$folder/certificate"
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
