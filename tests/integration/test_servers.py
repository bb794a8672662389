"""Each real server does what the other tests rely on."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError
from sqlalchemy import create_engine, text

from tests.servers import fixtures
from tests.servers.certificates import Certificates
from tests.servers.dovecot import PASSWORD, Dovecot, Mailbox
from tests.servers.gammu import GammuSmsd, decode_spooled
from tests.servers.programs import ServerMissingError, find_program
from tests.servers.relay import DROP_KEEPING, DROP_LOSING, AtDot, Relay, RelayOptions
from tests.servers.smtp_sink import SmtpSink

SENDER = "orders@example.com"
RECIPIENT = "dispatch@example.com"
MAIL = "Subject: 派车\r\nMessage-ID: <1@example.com>\r\n\r\n提货 15 吨\r\n".encode("gb18030")


def send(
    relay: Relay | SmtpSink, recipient: str = RECIPIENT, timeout_seconds: float = 10
) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP(relay.host, relay.port, timeout=timeout_seconds) as connection:
        return connection.sendmail(SENDER, [recipient], MAIL)


class TestDovecot:
    def test_mail_delivered_by_file_by_lmtp_and_by_append_is_read_back(self, mailbox: Mailbox) -> None:
        mailbox.deliver(MAIL)
        assert mailbox.messages() == [MAIL]
        mailbox.server.submit(mailbox.user, MAIL)
        mailbox.server.append(mailbox.user, MAIL)
        assert [raw.endswith(MAIL) for raw in mailbox.messages()] == [True] * 3

    def test_a_delivery_keeps_the_order_and_the_time_it_was_given(self, mailbox: Mailbox) -> None:
        at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
        numbered = [b"Subject: %d\r\n\r\n\r\n" % number for number in range(20)]
        for raw in numbered:
            mailbox.deliver(raw, at=at)
        assert mailbox.messages() == numbered
        with mailbox.server.login(mailbox.user) as connection:
            connection.normalise_times = False
            connection.select_folder("INBOX")
            assert connection.fetch("1", ["INTERNALDATE"])[1][b"INTERNALDATE"] == at

    def test_a_folder_with_a_chinese_name_takes_mail(self, mailbox: Mailbox) -> None:
        mailbox.deliver(MAIL, folder="订单/已处理")
        assert mailbox.messages("订单/已处理") == [MAIL]
        assert mailbox.messages() == []

    def test_idle_tells_of_a_delivery_within_seconds(self, mailbox: Mailbox) -> None:
        with mailbox.server.login(mailbox.user) as connection:
            connection.select_folder("INBOX")
            connection.idle()
            mailbox.deliver(MAIL)
            assert (1, b"EXISTS") in connection.idle_check(timeout=10)
            connection.idle_done()

    def test_imaps_and_starttls_show_a_certificate_of_the_private_authority(self, dovecot: Dovecot) -> None:
        context = dovecot.certificates.client_context()
        with IMAPClient("localhost", port=dovecot.ports.imaps, ssl_context=context, timeout=10) as connection:
            connection.login("tls", PASSWORD)
        with IMAPClient("localhost", port=dovecot.ports.imap, ssl=False, timeout=10) as connection:
            connection.starttls(context)
            connection.login("tls", PASSWORD)

    def test_a_client_that_does_not_know_the_authority_refuses(self, dovecot: Dovecot) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            IMAPClient("localhost", port=dovecot.ports.imaps, ssl_context=ssl.create_default_context(), timeout=10)

    def test_a_kicked_user_loses_the_connection_and_may_come_back(self, mailbox: Mailbox) -> None:
        connection = mailbox.server.login(mailbox.user)
        mailbox.server.kick(mailbox.user)
        with pytest.raises((IMAPClientError, OSError)):
            connection.noop()
        connection.shutdown()
        assert mailbox.messages() == []

    def test_mail_survives_a_restart_that_allows_one_connection_a_user(self, mailbox: Mailbox) -> None:
        mailbox.deliver(MAIL)
        mailbox.server.restart({"mail_max_userip_connections": "1"})
        assert mailbox.messages() == [MAIL]
        with mailbox.server.login(mailbox.user), pytest.raises((IMAPClientError, OSError), match="connections"):
            mailbox.server.login(mailbox.user)

    def test_a_stopped_dovecot_ends_the_connections_it_has(self, mailbox: Mailbox) -> None:
        connection = mailbox.server.login(mailbox.user)
        mailbox.server.stop()
        with pytest.raises((IMAPClientError, OSError)):
            connection.noop()
        connection.shutdown()

    def test_a_stopped_dovecot_is_not_there_and_is_back_for_the_next_test(self, dovecot: Dovecot) -> None:
        dovecot.stop()
        with pytest.raises(ConnectionRefusedError):
            dovecot.login("anybody")
        dovecot.recover()
        dovecot.login("anybody").logout()


class TestSmtpSink:
    def test_it_takes_mail_with_its_envelope_and_bytes(self, smtp_sink: SmtpSink) -> None:
        send(smtp_sink)
        (mail,) = smtp_sink.wait_for(1)
        assert (mail.sender, mail.recipients) == (SENDER, (RECIPIENT,))
        assert mail.raw == MAIL.replace(b"\r\n", b"\n")

    def test_it_takes_many_mails_on_one_connection_each_whole(self, smtp_sink: SmtpSink) -> None:
        with smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=10) as connection:
            for number in range(50):
                connection.sendmail(SENDER, [RECIPIENT, f"{number}@example.com"], MAIL)
        mails = smtp_sink.wait_for(50)
        assert sorted(mail.recipients[1] for mail in mails) == sorted(f"{number}@example.com" for number in range(50))


class TestRelay:
    def test_it_records_envelope_bytes_and_time(self, relay: Relay) -> None:
        before = datetime.now(UTC)
        send(relay)
        (mail,) = relay.wait_for(1)
        assert (mail.sender, mail.recipients, mail.raw) == (SENDER, (RECIPIENT,), MAIL)
        assert before <= mail.at <= datetime.now(UTC)

    def test_a_refused_recipient_is_refused_so_often_and_no_other(self, relay: Relay) -> None:
        relay.refuse_recipient(RECIPIENT, "450 4.2.1 Later", times=1)
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(relay)
        assert refused.value.recipients == {RECIPIENT: (450, b"4.2.1 Later")}
        send(relay, recipient="other@example.com")
        send(relay)
        assert [mail.recipients for mail in relay.wait_for(2)] == [("other@example.com",), (RECIPIENT,)]

    def test_it_greets_with_421_so_often(self, relay: Relay) -> None:
        relay.refuse_connections(times=1)
        with pytest.raises(smtplib.SMTPConnectError, match="421"):
            send(relay)
        send(relay)
        assert len(relay.messages()) == 1

    @pytest.mark.parametrize(("act", "kept"), [(DROP_KEEPING, 1), (DROP_LOSING, 0)])
    def test_it_hangs_up_after_the_dot_with_or_without_the_mail(self, relay: Relay, act: AtDot, kept: int) -> None:
        relay.at_dot(act)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(relay)
        assert len(relay.messages()) == kept

    def test_it_refuses_at_the_dot(self, relay: Relay) -> None:
        relay.at_dot(AtDot(reply="451 4.3.0 Disk full"))
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            send(relay)
        assert relay.messages() == []

    def test_it_stalls_at_the_dot_longer_than_the_client_waits(self, relay: Relay) -> None:
        relay.at_dot(AtDot(stalls_seconds=30))
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            send(relay, timeout_seconds=0.3)
        assert len(relay.messages()) == 1

    def test_a_stopped_relay_is_back_on_its_port(self, relay: Relay) -> None:
        relay.stop()
        with pytest.raises(ConnectionRefusedError):
            send(relay)
        relay.start()
        send(relay)
        assert len(relay.messages()) == 1

    def test_it_takes_mail_by_starttls_from_who_logs_in(
        self, start_relay: Callable[[RelayOptions], Relay], certificates: Certificates
    ) -> None:
        relay = start_relay(RelayOptions(tls=certificates.server_context(), users={"ingestd": PASSWORD}))
        with smtplib.SMTP("localhost", relay.port, timeout=10) as connection:
            connection.starttls(context=certificates.client_context())
            with pytest.raises(smtplib.SMTPAuthenticationError):
                connection.login("ingestd", "wrong")
            connection.login("ingestd", PASSWORD)
            connection.sendmail(SENDER, [RECIPIENT], MAIL)
        assert len(relay.messages()) == 1

    def test_it_takes_mail_by_tls_from_the_start(
        self, start_relay: Callable[[RelayOptions], Relay], certificates: Certificates
    ) -> None:
        relay = start_relay(RelayOptions(tls=certificates.server_context(), tls_at_once=True))
        context = certificates.client_context()
        with smtplib.SMTP_SSL("localhost", relay.port, timeout=10, context=context) as connection:
            connection.sendmail(SENDER, [RECIPIENT], MAIL)
        assert len(relay.messages()) == 1


class TestGammu:
    def test_a_text_message_to_the_phone_becomes_a_file_in_the_inbox(self, gammu: GammuSmsd) -> None:
        gammu.receive("+8613900139000", "收到😀")
        (path,) = gammu.wait_for_inbox(1)
        assert "+8613900139000" in path.name
        assert decode_spooled(path.read_bytes()) == "收到😀"

    def test_a_long_text_message_arrives_in_its_parts(self, gammu: GammuSmsd) -> None:
        told = "".join(chr(0x4E00 + number) for number in range(100))
        gammu.receive("+8613900139000", told)
        parts = gammu.wait_for_inbox(2)
        assert "".join(decode_spooled(path.read_bytes()) for path in parts) == told

    def test_a_file_in_the_outbox_is_sent(self, gammu: GammuSmsd) -> None:
        draft = gammu.spool.outbox / "draft"
        draft.write_bytes(b"\xfe\xff" + "派车通知".encode("utf-16-be"))
        draft.rename(gammu.spool.outbox / "OUT+8613800138000.txt")
        assert gammu.wait_for_sent(1) == [("+8613800138000", "派车通知")]
        assert list(gammu.spool.outbox.iterdir()) == []


def test_a_table_can_be_made_in_a_database_that_is_empty_at_first(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE truck (plate TEXT PRIMARY KEY)"))
        connection.execute(text("INSERT INTO truck VALUES ('沪A12345')"))
        assert connection.execute(text("SELECT plate FROM truck")).scalars().all() == ["沪A12345"]
    engine.dispose()


@pytest.mark.parametrize(("required", "outcome"), [("1", pytest.fail.Exception), ("0", pytest.skip.Exception)])
def test_a_missing_server_is_a_skip_and_a_failure_where_servers_are_required(
    monkeypatch: pytest.MonkeyPatch, required: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("INGESTD_REQUIRE_SERVERS", required)
    with pytest.raises(outcome, match="no-such-server is not installed"):
        fixtures.present(lambda: find_program("no-such-server", "no-such-package"))


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(ServerMissingError, match="Debian package postfix"):
        find_program("no-such-sink", "postfix")
    assert os.access(find_program("sh", "dash"), os.X_OK)
