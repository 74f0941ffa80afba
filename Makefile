# What a release needs beside go build. Advisories are not in the repository: name an archive
# in OSV's form, such as OSV's export for PyPI, and the binary carries an index of it.
#
#	make release ADVISORIES=all.zip

INDEX := internal/deps/advisory/pypi.idx

.PHONY: release
release:
	@test -n "$(ADVISORIES)" || { echo 'name an archive with advisories: make release ADVISORIES=all.zip' >&2; exit 2; }
	go run ./cmd/gambeson deps update --from $(ADVISORIES) --index $(INDEX)
	CGO_ENABLED=0 go build -trimpath -tags release -ldflags '-s -w' -o dist/gambeson ./cmd/gambeson
	rm -f $(INDEX)

# The wheels of the Python package, for all systems, from this machine.
.PHONY: wheels
wheels:
	python3 python/wheels.py dist/wheels
