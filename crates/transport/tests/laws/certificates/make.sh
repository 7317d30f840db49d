#!/bin/sh
# Makes the certificates in this folder anew.
set -eu
cd "$(dirname "$0")"
days=36500
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days \
  -subj "/CN=Test authority" -addext "basicConstraints=critical,CA:TRUE" \
  -addext "keyUsage=critical,keyCertSign" -keyout authority.key -out authority.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
  -subj "/CN=Test origin" -keyout origin.key -out origin.csr
printf '%s\n' "basicConstraints=CA:FALSE" "extendedKeyUsage=serverAuth" \
  "subjectAltName=DNS:localhost,DNS:origin.test,IP:127.0.0.1" > origin.ext
openssl x509 -req -in origin.csr -CA authority.pem -CAkey authority.key -CAcreateserial \
  -days $days -extfile origin.ext -out origin.pem
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days $days \
  -subj "/CN=Another authority" -keyout stranger.key -out stranger.pem
rm -f stranger.key authority.key authority.srl origin.csr origin.ext
