# A private PostgreSQL on 127.0.0.1:$1, from the programs in $2, until the end of standard input. A line there is a
# command, and an empty line says that it was done: `stop` as a crash does, `start` again, `follow` as a replica. Commits wait for the disk when
# $3 is `on`; what is lost with the machine is of no use to any test.
set -eu
programs=$2
durable=${3:-off}
folder=$(mktemp -d "${TMPDIR:-/tmp}/jeton-postgres.XXXXXX")
data=$folder/data
trap 'stop || true; rm -rf "$folder"' EXIT

"$programs"/initdb --pgdata "$data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$folder/initdb" ||
    { cat "$folder/initdb" >&2; exit 1; }

# One user has to give a password, so that a wrong one can be tried.
cp "$data/pg_hba.conf" "$folder/trusting"
{ echo 'host all with_password 127.0.0.1/32 scram-sha-256'; cat "$folder/trusting"; } >"$data/pg_hba.conf"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
    -keyout "$data/server.key" -out "$data/server.crt" 2>"$folder/openssl" ||
    { cat "$folder/openssl" >&2; exit 1; }
chmod 600 "$data/server.key"

cat >>"$data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = ''
max_connections = 300
fsync = $durable
synchronous_commit = on
full_page_writes = $durable
ssl = on
SETTINGS

start() {
    "$programs"/pg_ctl start --wait --silent --pgdata "$data" --log "$folder/log" </dev/null >&2 ||
        { cat "$folder/log" >&2; exit 1; }
}

stop() {
    "$programs"/pg_ctl stop --wait --silent --mode immediate --pgdata "$data" >&2
}

start

echo "JETON_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$1/postgres"
echo "JETON_TEST_POSTGRES_ROOT_CERT=$data/server.crt"
echo
while read -r command; do
    case $command in
        stop) stop ;;
        start) start ;;
        follow) stop; touch "$data/standby.signal"; start ;;
    esac
    echo
done
