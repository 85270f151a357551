#!/bin/sh
# Database, then files: whatever the dump names is among the files. Both are encrypted as they lie; the keys are in
# neither and have to be kept elsewhere. Needs pg_dump of at least the server's version.
set -eu

: "${ZHENGTU_DATABASE_URL:?}"
folder=${BACKUP_DIR:-/var/backups/zhengtu}
keep_days=${BACKUP_KEEP_DAYS:-30}
name=$folder/$(date +%Y%m%d-%H%M%S)

umask 077
mkdir -p "$folder"
trap 'rm -rf "$name.part"' EXIT
mkdir "$name.part"
pg_dump --format=custom --no-owner --file="$name.part/database.dump" "$ZHENGTU_DATABASE_URL"
# A dump that cannot be listed is none.
pg_restore --list "$name.part/database.dump" >/dev/null
case ${ZHENGTU_FILES_URL:-} in
s3://*) echo "files are in a bucket: back it up with its own means (versioning, replication)" ;;
*)
	files=${ZHENGTU_FILES_URL:-${ZHENGTU_DATA_DIR:-var}/files}
	mkdir -p "${files#file://}"
	tar -C "${files#file://}" -cf "$name.part/files.tar" .
	;;
esac
(cd "$name.part" && sha256sum ./* >SHA256SUMS)
mv "$name.part" "$name"
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '????????-??????' -mtime "+$keep_days" -exec rm -rf {} +
echo "$name"
