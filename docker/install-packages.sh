#!/bin/sh
# Installs what the image has beside the program. Used by the Dockerfile alone, whose build arguments
# it reads.
set -eu
export DEBIAN_FRONTEND=noninteractive

complain() {
  echo "install-packages.sh: $*" >&2
  exit 1
}

# A file that was changed here stays when a package of another source replaces Debian's.
install() { apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"; }

# Documentation, translations and the compiler of expressions (jit is off in scratch servers) are
# half of what the packages hold.
leave_out_what_nobody_reads() {
  cat >/etc/dpkg/dpkg.cfg.d/backup-container <<'END'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/lib/*/libLLVM*
path-exclude /usr/lib/llvm-*
path-exclude /usr/lib/postgresql/*/lib/bitcode/*
END
}

# UID 26 is the original's. The image runs it in group 0, which the UIDs of OpenShift share.
make_user() {
  useradd --uid 26 --user-group --home-dir /var/lib/pgsql --no-create-home --shell /bin/sh postgres
  mkdir -p /backups /conf /var/lib/pgsql/data
  chown -R 26:0 /backups /var/lib/pgsql
  chmod -R 0770 /backups /var/lib/pgsql
}

# No server of its own, only programs.
postgres() {
  install postgresql-common
  sed -i 's/^#\? *create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  case $PG_SOURCE in
    debian) install postgresql postgresql-client ;;
    pgdg)
      # Its key came with Debian's own package, so nothing is fetched that nobody has signed.
      codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
      cat >/etc/apt/sources.list.d/pgdg.sources <<END
Types: deb
URIs: https://apt.postgresql.org/pub/repos/apt
Suites: $codename-pgdg
Components: main
Signed-By: /usr/share/postgresql-common/pgdg/apt.postgresql.org.asc
END
      apt-get update
      for major in $PG_MAJORS; do
        install "postgresql-$major" "postgresql-client-$major"
      done
      ;;
    *) complain "PG_SOURCE is pgdg or debian, not $PG_SOURCE" ;;
  esac
}

mariadb() {
  case $WITH_MARIADB in
    yes) install mariadb-client mariadb-server ;;
    no) ;;
    *) complain "WITH_MARIADB is yes or no, not $WITH_MARIADB" ;;
  esac
}

mongodb_tools() {
  [ -n "$MONGODB_TOOLS_URL" ] || return 0
  file=/tmp/mongodb-tools.deb
  # shellcheck disable=SC2016 # a program in JavaScript
  node --input-type=module -e '
    import { writeFileSync } from "node:fs"
    const [url, file] = process.argv.slice(1)
    const answer = await fetch(url)
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
    writeFileSync(file, Buffer.from(await answer.arrayBuffer()))
  ' "$MONGODB_TOOLS_URL" "$file"
  echo "$MONGODB_TOOLS_SHA256  $file" | sha256sum --check --strict
  install "$file"
  rm "$file"
}

locales() {
  [ -n "$LOCALES" ] || return 0
  install locales
  for locale in $LOCALES; do
    localedef -i "${locale%%.*}" -f "${locale#*.}" "$locale"
  done
  rm -rf /usr/share/i18n
}

leave_out_what_nobody_reads
make_user
apt-get update
install \
  age `#            encryption, fast and for SSH keys` \
  ca-certificates `# TLS to object stores, webhooks, mail` \
  libatomic1 `#     Node.js, on some processors` \
  libnss-wrapper `# a name for users without one, which initdb needs` \
  libstdc++6 `#     Node.js` \
  pigz `#           gzip on all cores, for processors that isal does not know` \
  restic `#         copies in a restic repository` \
  tini `#           an init, for commands of the schedule that leave orphans` \
  tzdata `#         time zones` \
  zstd `#           COMPRESSION=zstd`
# igzip, the fastest gzip.
if apt-cache show isal >/dev/null 2>&1; then install isal; fi
postgres
mariadb
mongodb_tools
locales
# shellcheck disable=SC2086 # package names with blanks between
[ -z "$EXTRA_PACKAGES" ] || install $EXTRA_PACKAGES

apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
# What servers and packages have left where only root could write.
rm -rf /var/lib/postgresql /etc/ssl/private/ssl-cert-snakeoil.key
