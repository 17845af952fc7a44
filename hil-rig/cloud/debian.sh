# Sourced by the scripts beside it: Debian packages without a change to the machine. Indexes, archives and what is unpacked stay below a folder of
# the caller's, so that no root rights are needed, and the machine's own package sources are read and never written.

fail() { echo "$*" >&2; exit 1; }

# debian_indexes FOLDER: fetches the package indexes, of sources too, from where the machine has its own from.
debian_indexes() {
  command -v apt-get >/dev/null || fail "apt-get was not found: Debian 12 or a system like it is needed"
  debian=$1
  mkdir -p "$debian/sources" "$debian/lists/partial" "$debian/archives/partial"
  local file
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] && sed -n -E 's/^deb(-src)?[[:space:]](.*)/deb \2\ndeb-src \2/p' "$file" | sort -u >"$debian/sources/$(basename "$file" .list).list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    # Those of sources alone stand beside one of packages, which gets both.
    grep -qsE '^Types:[[:space:]]*(deb|deb-src[[:space:]]+deb)([[:space:]]|$)' "$file" && sed -E 's/^Types:.*/Types: deb deb-src/' "$file" >"$debian/sources/$(basename "$file")"
  done
  apt_here=(-qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$debian/sources" -o "Dir::State::lists=$debian/lists"
    -o "Dir::Cache=$debian" -o APT::Sandbox::User= -o Acquire::Languages=none -o Acquire::Retries=2)
  [ -n "$(ls "$debian/sources")" ] || fail "no package sources were found in /etc/apt"
  apt-get "${apt_here[@]}" update || fail "the Debian package indexes cannot be fetched"
}

# debian_unpack FOLDER PACKAGE...: fetches packages and unpacks them into a folder; nothing is installed, and what they depend on is not fetched.
debian_unpack() {
  local folder=$1 package
  shift
  (cd "$debian/archives" && apt-get "${apt_here[@]}" download "$@") || fail "expected the Debian packages $*; they cannot be fetched"
  for package in "$@"; do
    dpkg-deb --extract "$debian/archives/${package}"_*.deb "$folder" || fail "$package cannot be unpacked"
  done
}
