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


def expired_certificate(good: Certificates, folder: Path) -> Path:
    """A certificate for the same key and names by the same authority, good until 2020."""
    source = good.authority.parent
    (folder / "index.txt").touch()
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca = own\n[own]\ndatabase = {folder}/index.txt\nnew_certs_dir = {folder}\nrand_serial = yes\n"
        "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n"
        "[server]\nsubjectAltName = DNS:localhost, IP:127.0.0.1\n"
    )
    command = ["openssl", "ca", "-batch", "-config", str(folder / "ca.cnf"), "-extensions", "server", "-notext"]
    dates = ["-startdate", "20190101000000Z", "-enddate", "20200101000000Z"]
    files = ["-cert", str(good.authority), "-keyfile", str(source / "ca.key"), "-in", str(source / "server.pem")]
    subprocess.run([*command, *dates, *files, "-out", str(folder / "old.pem")], check=True, capture_output=True)
    return folder / "old.pem"


def _new_key(name: str) -> tuple[str, ...]:
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    return ("req", "-config", "openssl.cnf", *curve, "-days", "7", "-keyout", f"{name}.key", "-out", f"{name}.pem")


def _openssl(folder: Path, *arguments: str) -> None:
    program = find_program("openssl", "openssl")
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)
