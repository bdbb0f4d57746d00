# A private PostgreSQL on 127.0.0.1:$1, from the programs in $2, until the end of standard input.
set -eu
folder=$(mktemp -d "${TMPDIR:-/tmp}/jeton-postgres.XXXXXX")
data=$folder/data
trap '"$2"/pg_ctl stop --silent --mode immediate --pgdata "$data" >&2 || true; rm -rf "$folder"' EXIT

"$2"/initdb --pgdata "$data" --username postgres --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$folder/initdb" ||
    { cat "$folder/initdb" >&2; exit 1; }

# One user has to give a password, so that a wrong one can be tried.
cp "$data/pg_hba.conf" "$folder/trusting"
{ echo 'host all with_password 127.0.0.1/32 scram-sha-256'; cat "$folder/trusting"; } >"$data/pg_hba.conf"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
    -keyout "$data/server.key" -out "$data/server.crt" 2>"$folder/openssl" ||
    { cat "$folder/openssl" >&2; exit 1; }
chmod 600 "$data/server.key"

# What is lost with the machine is of no use to anybody: nothing waits for the disk.
cat >>"$data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = ''
max_connections = 300
fsync = off
synchronous_commit = on
full_page_writes = off
ssl = on
SETTINGS

"$2"/pg_ctl start --wait --silent --pgdata "$data" --log "$folder/log" </dev/null >&2 ||
    { cat "$folder/log" >&2; exit 1; }

echo "JETON_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$1/postgres"
echo "JETON_TEST_POSTGRES_ROOT_CERT=$data/server.crt"
echo
exec >/dev/null
cat >/dev/null
