"""A private certificate authority and one certificate for the loopback, made by openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.programs import find_program

EXTENSIONS = """\
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1
[req]
distinguished_name = name
[name]
"""


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: the authority that a client trusts, and what the server shows."""

    authority: Path
    certificate: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        """Give a server-side context that shows this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Give a client-side context that trusts this authority alone."""
        return ssl.create_default_context(cafile=str(self.authority))


def make_certificates(folder: Path) -> Certificates:
    """Make an authority and a certificate for `localhost` and 127.0.0.1, valid for a week."""
    (folder / "openssl.cnf").write_text(EXTENSIONS)
    _openssl(folder, *_new_key("ca"), "-x509", "-extensions", "ca", "-subj", "/CN=ingestd test authority")
    _openssl(folder, *_new_key("server"), "-subj", "/CN=localhost")
    _openssl(
        folder,
        *("x509", "-req", "-in", "server.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-days", "7", "-extfile", "openssl.cnf", "-extensions", "server", "-out", "signed.pem"),
    )
    return Certificates(folder / "ca.pem", folder / "signed.pem", folder / "server.key")


def _new_key(name: str) -> tuple[str, ...]:
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    return ("req", "-config", "openssl.cnf", *curve, "-days", "7", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def _openssl(folder: Path, *arguments: str) -> None:
    program = find_program("openssl", "openssl")
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)
