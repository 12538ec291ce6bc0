//! The one vocabulary of errors, and the one place for its words.
//!
//! Each code belongs to one [`Class`]; the class decides the outcome and the exit code, so no host has to know
//! a single code by name. Texts say what happened and what to do next; a server's own words are kept beside
//! them, never inside them.

use std::borrow::Cow;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Outcome;

/// What a code says about the signing: the outcome it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Something typed was not acceptable; nothing left this computer.
    Invalid,
    /// A defect of ours.
    Internal,
    /// Nothing left this computer.
    NotSent,
    /// The server answered, readably, with a no.
    Refused,
    /// The server answered, readably, with a yes.
    Signed,
    /// Sent, and no trustworthy answer.
    Unknown,
}

macro_rules! codes {
    ($($class:ident { $($variant:ident $text:literal, $what:literal, $next:literal;)+ })+) => {
        /// A stable error code. The kebab-case text is a contract: scripts match on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant's meaning is its own words, in the table below")]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($($variant,)+)+
        }

        impl ErrorCode {
            /// Every code there is, by class and in the order of the table.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)+)+];

            /// The stable text of the code.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($(Self::$variant => $text,)+)+ }
            }

            /// What the code says about the signing.
            #[must_use]
            pub fn class(self) -> Class {
                match self { $($(Self::$variant => Class::$class,)+)+ }
            }

            /// What happened, in one sentence.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self { $($(Self::$variant => $what,)+)+ }
            }

            /// What a person can do next, whatever was asked of the server.
            #[must_use]
            pub fn next(self) -> &'static str {
                match self { $($(Self::$variant => $next,)+)+ }
            }
        }
    };
}

impl ErrorCode {
    /// What a person can do next after a signing that ended with this code. A refused one issued nothing; the same refusal of a
    /// search says nothing about a certificate.
    #[must_use]
    pub fn next_of_signing(self) -> String {
        match self.class() {
            Class::Refused => [self.next(), " No certificate was issued by this request."].concat(),
            _ => self.next().to_owned(),
        }
    }
}

codes! {
    Invalid {
        InvalidInput "invalid-input", "Some fields need attention.", "Correct the fields that are named; nothing was sent.";
        UrlMissing "url-missing", "The address of the PAM360 server is missing.", "Type it as https://host:port, for example https://pam360.example.com:8282.";
        UrlMalformed "url-malformed", "This is not an address that can be called.", "Type it as https://host:port, for example https://pam360.example.com:8282.";
        UrlNotHttps "url-not-https", "The address must begin with https://.", "PAM360 answers on HTTPS. A token is never sent over a connection that others can read.";
        UrlIpSpelling "url-ip-spelling", "This IPv4 address is not in the usual spelling.", "Type four decimal numbers without leading zeros, for example 10.0.0.1.";
        UrlTooLong "url-too-long", "The address is longer than 2,000 characters.", "Type only the scheme, host, port and path prefix.";
        UrlHasCredentials "url-has-credentials", "The address contains a user name or password.", "Remove the part before the @. PAM360 wants a token, which has its own field.";
        UrlPathNotAscii "url-path-not-ascii", "The path of the address has a character outside ASCII.", "Remove the character, or percent-encode it if PAM360 has it in its path: %C3%A4 for \u{e4}, for example.";
        UrlHasQuery "url-has-query", "The address contains a ? or # part.", "Type only the scheme, host, port and, if there is one, the path prefix.";
        OrganizationTooLong "organization-too-long", "The organization name is longer than 255 characters.", "Type the display name as PAM360 shows it.";
        OrganizationMalformed "organization-malformed", "The organization name contains control characters.", "Type the display name as PAM360 shows it, on one line.";
        CaFileMissing "ca-file-missing", "There is no CA file at this path.", "Check the path. The file holds the certificate of the CA that issued the server's certificate.";
        CaFileNotChosen "ca-file-not-chosen", "No CA file is chosen yet.", "Choose the file, or let this computer's own list decide.";
        CaFileUnreadable "ca-file-unreadable", "The CA file cannot be read.", "Check its permissions, and that it is a file and not a folder.";
        CaFileTooLarge "ca-file-too-large", "The CA file is larger than 1 MiB.", "A CA file holds a few certificates in PEM form. Check that this is the right file.";
        CaFileEmpty "ca-file-empty", "The CA file is empty.", "Export the CA certificate again, in PEM form.";
        CaFileNotPem "ca-file-not-pem", "The CA file holds no certificate.", "It takes CA certificates in PEM, DER or PKCS#7 form, in any text encoding.";
        CaFileDamaged "ca-file-damaged", "A certificate in the CA file cannot be read.", "Export it again from its source, or remove it from the file.";
        CaFileRejected "ca-file-rejected", "A certificate in the CA file is marked as not trusted for TLS servers.", "Remove it from the file, or ask whoever marked it. On Red Hat systems, /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem has the trusted ones alone.";
        CaFileHoldsKey "ca-file-holds-key", "The CA file holds a private key.", "Remove the key: a CA file holds certificates only. If others could read the file, replace the key.";
        CaFileHoldsOther "ca-file-holds-other", "The CA file holds something besides certificates.", "Remove it from the file: a CA file holds CA certificates only.";
        CaFilePkcs12 "ca-file-pkcs12", "The CA file is a PKCS#12 file.", "Convert it to PEM: openssl pkcs12 -in truststore.p12 -nokeys -out ca.pem";
        CaFileJavaKeystore "ca-file-java-keystore", "The CA file is a Java keystore.", "Export the CA certificate from it: keytool -exportcert -rfc -alias NAME -keystore truststore.jks -file ca.pem";
        CaFileTooMany "ca-file-too-many", "The CA file holds more than 1,000 certificates.", "Choose a file with the CA certificates of this server alone.";
        CaFileNotACa "ca-file-not-a-ca", "The CA file holds a certificate that is not a CA.", "Use the certificate of the CA that issued the server's certificate, not the server's own.";
        ConnectionNameMalformed "connection-name-malformed", "The connection's name is longer than 80 characters or not on one line.", "Type a short name, for example Production.";
        ConnectionNameTaken "connection-name-taken", "Another connection has this name.", "Give each connection a name of its own: they are told apart by it.";
        NoSuchConnection "no-such-connection", "There is no saved connection of this name.", "See which there are: csrdesk connections.";
        ConnectionIsSigning "connection-is-signing", "A signing with this connection is in progress, so the connection was not removed.", "Wait until the signing ends, then remove the connection.";
        ConnectionMayBeSigning "connection-may-be-signing", "A signing with this connection, or with another one to its server, may still be in progress, so the connection was not removed. Whether its program is running cannot be checked from here.", "Wait until the history shows the signing's outcome, at most eleven minutes, then remove the connection.";
        EnvironmentUnknown "environment-unknown", "This is no environment that is known here.", "Use production, staging, test or unmarked.";
        HttpVersionUnknown "http-version-unknown", "This is not an HTTP version that can be chosen.", "Use automatic or 1.1.";
        PublicKeyMalformed "public-key-malformed", "This is not the public key of a history.", "It has 64 hexadecimal digits. The first line of an exported copy and csrdesk verify-journal show it.";
        FingerprintMalformed "fingerprint-malformed", "This is not a SHA-256 fingerprint.", "It has 64 hexadecimal digits; colons, spaces and capitals are fine.";
        FingerprintDiffers "fingerprint-differs", "The fingerprint is not that of the CA that was shown.", "Do not trust it. Ask the server's owner for the fingerprint again, then test the connection again. Someone may be between you and the server.";
        CertificateFingerprintDiffers "certificate-fingerprint-differs", "The server presented a certificate with another fingerprint.", "Do not trust it. Ask the server's owner for the fingerprint again, then test the connection again. Someone may be between you and the server.";
        FingerprintOfServer "fingerprint-of-server", "This is the fingerprint of the server's own certificate, not of its CA.", "Nothing was trusted. Ask the server's owner for the SHA-256 fingerprint of the CA's certificate (openssl x509 -in ca.pem -noout -fingerprint -sha256), then test the connection again.";
        FingerprintOfAnotherCa "fingerprint-of-another-ca", "This is the fingerprint of another CA in the server's chain, not of the CA that is named here.", "Nothing was trusted. Ask the server's owner for the SHA-256 fingerprint of the CA that is named here, then test the connection again.";
        FingerprintOfCa "fingerprint-of-ca", "This is the fingerprint of a CA in the server's chain, not of the server's own certificate.", "Nothing was accepted. Ask the server's owner for the SHA-256 fingerprint of the server's own certificate (openssl x509 -in server.pem -noout -fingerprint -sha256), then test the connection again.";
        NoCertificateToTrust "no-certificate-to-trust", "The last test of this connection showed no certificate that can be accepted by its fingerprint, or its one comparison was used.", "Test the connection again, then type the fingerprint.";
        ClientCertificateMissing "client-certificate-missing", "There is no client certificate at this path.", "Check the path, on the computer where CSR Desk runs.";
        ClientCertificateUnusable "client-certificate-unusable", "The client certificate cannot be used.", "Choose a PEM or DER file with the certificate and its chain, or a PKCS#12 file with certificate and key.";
        ClientKeyMissing "client-key-missing", "There is no client key at this path.", "Check the path, on the computer where CSR Desk runs.";
        ClientKeyUnusable "client-key-unusable", "The client key cannot be used.", "Choose an unencrypted key in PEM or DER that belongs to the certificate; put an encrypted one into a PKCS#12 file.";
        ClientPassphraseMissing "client-passphrase-missing", "The PKCS#12 file needs a passphrase.", "Type it in the connection, or save it in the keychain: csrdesk secret save client-passphrase --connection NAME";
        ClientPassphraseWrong "client-passphrase-wrong", "The passphrase does not open the PKCS#12 file.", "Type it again.";
        ConnectionMoved "connection-moved", "The connection leads elsewhere than when this was typed, so it is not held.", "Look at the connection, then type it again.";
        ConnectionNotNamed "connection-not-named", "No server is named.", "Name a saved connection (--connection) or a server (--server). A signing, and a token from PAM360_AUTHTOKEN or standard input, go only to a server that is named: another program may have changed which connection was used last.";
        ConnectionNotSaved "connection-not-saved", "This connection is not saved, so its secrets are held for this session only.", "Save the connection first, then hand the secret over again.";
        TooManyConnections "too-many-connections", "There are 100 connections already.", "Remove one that is no longer needed.";
        NothingToTrust "nothing-to-trust", "The last test of this connection showed no CA that can be trusted by its fingerprint, or its one comparison was used.", "Test the connection again, then type the fingerprint.";
        ProxyAddressMissing "proxy-address-missing", "The address of the proxy is missing.", "Type it as http://host:port, or choose that there is no proxy.";
        ProxyAddressMalformed "proxy-address-malformed", "This is not an address of a proxy.", "Type it as http://host:port, without user or path.";
        ProxyAddressNotHttp "proxy-address-not-http", "Only HTTP proxies are spoken to.", "Type it as http://host:port. TLS reaches through the proxy to the server, so nothing is readable on the way.";
        ProxyUserMalformed "proxy-user-malformed", "The proxy user is longer than 255 characters, has a colon, or is not on one line.", "Type the name as the proxy knows it.";
        OperationMalformed "operation-malformed", "This is no name of an operation.", "Type it as the documentation writes it: letters and digits, up to 64.";
        DateMalformed "date-malformed", "This is not a date.", "Type it as year, month and day: 2027-03-04.";
        EndDateNotAfterToday "end-date-not-after-today", "The end date must be after today.", "Type a later day (UTC), or change the days.";
        ConnectionsUnreadable "connections-unreadable", "This file does not contain exported connections, or it cannot be read.", "Check the path. Export the connections again on the computer where they are saved: csrdesk connections export FILE.";
        TokenMissing "token-missing", "The AUTHTOKEN is missing.", "Create one in PAM360 for an API user, and paste it here. In a terminal, set PAM360_AUTHTOKEN or write it to standard input.";
        TokenMalformed "token-malformed", "The AUTHTOKEN contains a line break, a space or another character that no token has.", "Copy the token again, without what is around it.";
        TokenTooLong "token-too-long", "The AUTHTOKEN is longer than 512 characters.", "Copy the token again, without what is around it.";
        PassphraseMissing "passphrase-missing", "The password is missing.", "Type it, or choose the way that needs none.";
        PassphraseMalformed "passphrase-malformed", "The password contains a line break or another control character.", "Type or copy it again, without what is around it.";
        PassphraseTooLong "passphrase-too-long", "The password is longer than 1,024 characters.", "Type or copy it again, without what is around it.";
        SignTypeMissing "sign-type-missing", "The sign type is missing.", "Choose signWithRoot or MSCA. PAM360 takes MSCA when it is left out, so it is always sent.";
        SignTypeUnknown "sign-type-unknown", "This sign type is not one that PAM360 documents.", "Use signWithRoot or MSCA.";
        RootCnMissing "root-cn-missing", "The issuer's common name is missing.", "Type the common name of the root or intermediate certificate as PAM360 lists it.";
        RootCnTooLong "root-cn-too-long", "The issuer's common name is longer than 255 characters.", "Type the common name alone, not the whole distinguished name.";
        RootCnMalformed "root-cn-malformed", "The issuer's common name contains control characters.", "Type it on one line, as PAM360 lists it.";
        IssuerIncomplete "issuer-incomplete", "For a Microsoft CA, only one of the two issuer fields is filled in.", "Fill in both, or leave both empty.";
        SerialMissing "serial-missing", "The issuer's serial number is missing.", "Copy the serial number of the root certificate from PAM360. It tells apart two issuers of the same name.";
        SerialNotHex "serial-not-hex", "The issuer's serial number is not hexadecimal.", "Use the digits 0-9 and a-f. Colons, spaces, a leading 0x and capital letters are fine.";
        SerialTooLong "serial-too-long", "The issuer's serial number is longer than 20 bytes.", "X.509 allows 40 hexadecimal digits (RFC 5280, section 4.1.2.2). Check that nothing else was pasted.";
        ValidityMissing "validity-missing", "The validity is missing.", "Type a number of days.";
        ValidityNotWhole "validity-not-whole", "The validity is not a whole number of days.", "Type digits only, for example 365. PAM360 takes whole days.";
        ValidityBelowOne "validity-below-one", "The validity must be at least 1 day.", "Type a number of days from 1 upward.";
        ValidityTooLarge "validity-too-large", "The validity is larger than 2147483647, which no integer field takes.", "Type the days that the certificate is really meant to live.";
        ValidityPast9999 "validity-past-9999", "The certificate would end after the year 9999, which X.509 cannot express.", "Type fewer days (RFC 5280, section 4.1.2.5).";
        CsrIdMissing "csr-id-missing", "The CSR id is missing.", "Type the id under which PAM360 stores the certificate signing request.";
        CsrIdNotANumber "csr-id-not-a-number", "The CSR id is not a number.", "PAM360 numbers its requests: type digits only, for example 303.";
        CsrIdTooLarge "csr-id-too-large", "The CSR id is larger than any that PAM360 can have.", "Check that nothing else was pasted.";
        TimeoutOutOfRange "timeout-out-of-range", "The time-out is not a whole number from 1 to 600 seconds.", "Type the seconds to wait for the answer, for example 60.";
        IntentMalformed "intent-malformed", "The id of this signing is malformed.", "Start the signing again from the form.";
        IntentOfAnother "intent-of-another", "This id belongs to another signing: another server, CSR, issuer or validity.", "Take a new id for each decision to sign. Nothing was sent.";
        StillUnderWay "still-under-way", "A program may still be waiting for the answer to this signing.", "Wait until its time-out is over, ten minutes at most, then look again.";
        CertificateFound "certificate-found", "The last search found a certificate with the key, the names and the issuer of this CSR, issued when the request was sent.", "Record that certificate as found, here or at the other entry that it belongs to. If it no longer exists, find the certificate again first.";
        CertificatePossible "certificate-possible", "The last search found a certificate that nothing contradicts, so it may be of this signing.", "Look for it in PAM360's console. If it is of another request, say that you looked there: --checked-in-console in a terminal. Otherwise record it as found.";
        OtherCertificateFound "other-certificate-found", "The last search found proof that another certificate belongs to this signing.", "Choose the certificate that the search proves. If it no longer exists, search again first.";
        CertificateContradicted "certificate-contradicted", "The last search found something that contradicts this certificate.", "Read its evidence. If PAM360's console shows that it belongs to this signing, say that you looked there: --checked-in-console in a terminal.";
        CertificateOfAnother "certificate-of-another", "This certificate is recorded as the result of another signing.", "Read that entry. One certificate belongs to one signing: choose another, or correct the decision about that entry first.";
        CertificateNotInSearch "certificate-not-in-search", "The last search did not find a certificate with this serial number.", "Find the certificate again. If you saw it in PAM360's console, say so: --checked-in-console in a terminal.";
        LookFirst "look-first", "Nobody has looked for this certificate yet.", "Look for it on the server first, or say that you looked in PAM360's console.";
        OtherFindings "other-findings", "The findings about the history changed, so nothing was acknowledged.", "Read the findings again. They are shown on History and by csrdesk verify-journal.";
        DecidedMeanwhile "decided-meanwhile", "Somebody decided about this entry in the meantime, so nothing was recorded.", "Read the entry: it shows the newer decision. If that one is wrong, correct it with another decision.";
        EntryReplaced "entry-replaced", "Another signing has the number of this entry now: the history was replaced. Nothing was recorded.", "Open History and read what is there now. Find out who changed the data folder.";
        NoteChanged "note-changed", "Somebody changed the note or the ticket of this entry in the meantime, so nothing was saved.", "Read both versions, then save the one that is right.";
        ReasonMissing "reason-missing", "A reason is missing.", "Say in a few words why: it goes on record beside the decision.";
        NotUnknown "not-unknown", "Only a signing whose outcome is unknown can be decided by a person.", "Read the entry: its outcome is on record.";
        NoSuchEntry "no-such-entry", "The record has no entry of this number.", "Look at the history for the numbers there are.";
        Usage "usage", "The command line is not understood.", "Run csrdesk --help for the options and examples.";
    }
    NotSent {
        NoConnection "no-connection", "No PAM360 server is set.", "Open Connection and type the address of the server. In the terminal: csrdesk connections add --server URL";
        NoConnectionInUse "no-connection-in-use", "Connections are saved, and none of them is in use.", "Choose the connection. In a terminal name it: --connection NAME";
        ServerChanged "server-changed", "Another server was set since this signing was reviewed, so nothing was sent.", "Review it again: it would go to the server that is set now.";
        ConnectionRemoved "connection-removed", "This connection was removed in another window or program, so nothing was sent.", "Use another connection, or add this one again.";
        ConnectionChanged "connection-changed", "The connection was changed since this signing was reviewed, so nothing was sent.", "Review it again: the review shows the connection as it is now.";
        Stopped "stopped", "The program was stopped before the request left.", "It can be signed again; nothing was sent.";
        OtherServer "other-server", "This entry belongs to a server that is not the connection's.", "Use a connection with the entry's server, then search again.";
        Locked "locked", "CSR Desk is locked, or its token was forgotten meanwhile; nothing was sent.", "Unlock it, or enter the token again.";
        NoToken "no-token", "No AUTHTOKEN is held for this session.", "Open Connection and enter the token.";
        JournalUnavailable "journal-unavailable", "The record of this signing could not be written, so nothing was sent.", "The details name the cause: a full disk, the permissions of the data folder, or the key that signs the journal. Correct it, then sign again.";
        HistoryIncomplete "history-incomplete", "The history is incomplete or its key was replaced, so nothing was sent.", "Open History and read what was found. Once you know why, acknowledge it there with a reason, or with csrdesk verify-journal --acknowledge --reason TEXT. Then sign again.";
        HistoryReplaced "history-replaced", "The history's file was changed while it was open, so nothing was sent.", "Find out who changed the data folder. Then try again: CSR Desk opens the file that is there now. Read History before you sign again.";
        AlreadyOnRecord "already-on-record", "A certificate of this CSR by this issuer exists or may exist, so nothing was sent.", "Look at those entries first. To sign again, give the reason: it goes on record.";
        SentMeanwhile "sent-meanwhile", "Another signing of this CSR and issuer left before this one, so this one was not sent.", "Look at that entry. To sign again, give the reason: it goes on record.";
        InterruptedBeforeSending "interrupted-before-sending", "The intent was recorded, and the request had not left when this was last written.", "It can be signed again: a program that was ended in between sent nothing.";
        DnsFailed "dns-failed", "The host name of the server could not be resolved.", "Check the spelling of the host name, and this computer's network.";
        ConnectRefused "connect-refused", "The server refused the connection: nothing listens on this port.", "Check the port, and that PAM360 is running.";
        ConnectFailed "connect-failed", "The server could not be reached.", "Check the network, VPN and firewall between this computer and the server.";
        ConnectTimedOut "connect-timed-out", "The server did not accept a connection in time.", "Check the host, the port and the firewall between this computer and the server.";
        ProxyFailed "proxy-failed", "The proxy could not be reached.", "Check its address with whoever runs the proxy, or choose in the connection that there is none.";
        ProxyTimedOut "proxy-timed-out", "The proxy did not open the way to the server in time.", "Ask whoever runs the proxy whether it reaches the server's host and port.";
        ProxyAuthRequired "proxy-auth-required", "The proxy wants to know who calls, or did not accept the user and password.", "Type the proxy's user and password in the connection. Only Basic authentication is offered to a proxy.";
        ProxyRefused "proxy-refused", "The proxy refused to open the way to the server.", "Ask whoever runs the proxy to allow CONNECT to the server's host and port.";
        ProxyMisspoke "proxy-misspoke", "What answers at the proxy's address is no HTTP proxy.", "Check the proxy's host and port with whoever runs it.";
        ProxyUnsupported "proxy-unsupported", "The proxy that this computer is set to is of a kind that is not spoken to here.", "Name an http:// proxy in the connection, or choose that there is none: proxies are spoken to over HTTP (CONNECT), not HTTPS or SOCKS.";
        TlsUnknownIssuer "tls-unknown-issuer", "The server's certificate was issued by a CA that is not trusted here.", "Ask the server's owner for the CA certificate, check its fingerprint with them, and choose it as the CA file. Verification has no off switch.";
        TlsIncompleteChain "tls-incomplete-chain", "The server does not present the CA certificate that issued its own, and that CA is not trusted here.", "Ask the server's owner to install the whole chain, intermediate certificates included. If that CA is their root, ask for its certificate and choose it as the CA file.";
        TlsSelfSigned "tls-self-signed", "The server's certificate is signed by itself, so no CA vouches for it.", "Ask the server's owner for a certificate from their CA. If there is none, ask for this certificate's SHA-256 fingerprint and let the connection accept exactly this certificate.";
        TlsExpired "tls-expired", "The server's certificate, or one above it, has expired.", "Ask the server's owner to renew it; check this computer's clock.";
        TlsNotYetValid "tls-not-yet-valid", "The server's certificate, or one above it, is not valid yet.", "Check this computer's clock, then the certificate's start date with the server's owner.";
        TlsNameMismatch "tls-name-mismatch", "The server's certificate is for another name than the one in the address.", "Use a host name that the certificate lists, or ask the server's owner for a certificate with this name.";
        TlsNoNames "tls-no-names", "The server's certificate lists no names.", "Ask the server's owner for a certificate with the host name as subject alternative name: the common name alone does not count (RFC 9525).";
        TlsCaAsServer "tls-ca-as-server", "The server presents a CA certificate as its own.", "Ask the server's owner for a server certificate issued by that CA: a CA certificate is no proof of the server.";
        TlsWrongPurpose "tls-wrong-purpose", "The server's certificate is not meant for servers.", "Ask the server's owner for a certificate whose extended key usage includes serverAuth.";
        TlsWeakSignature "tls-weak-signature", "A certificate of the server's chain is signed with SHA-1 or MD5, which can be forged.", "Ask the server's owner for a chain that is signed with SHA-256 or better.";
        TlsWeakKey "tls-weak-key", "A certificate of the server's chain has an RSA key shorter than 2,048 bits.", "Ask the server's owner for certificates with RSA keys of 2,048 bits or more, or with elliptic curve keys.";
        TlsBadSignature "tls-bad-signature", "A signature of the server's chain is not by the key of the CA that it names.", "Ask the server's owner whether the CA's key was renewed, and for its current certificate. If it was not, somebody may stand between you and the server.";
        TlsNotItsKey "tls-not-its-key", "The server does not prove that it holds the key of the certificate it presents.", "Ask the server's owner whether its certificate and key belong together. If they do, somebody may stand between you and the server.";
        TlsRevoked "tls-revoked", "A certificate of the server's chain was revoked by its CA.", "Tell the server's owner at once: a revoked certificate's key may be in other hands.";
        TlsPinMismatch "tls-pin-mismatch", "The server's certificate is valid and holds another public key than the one that is pinned.", "Ask the server's owner whether the key was renewed, and compare the new one's fingerprint with them before you change the pin.";
        TlsCriticalExtension "tls-critical-extension", "A certificate of the server's chain has a critical extension that CSR Desk does not support.", "Ask the server's owner for a certificate without this extension, or with the extension not marked as critical (RFC 5280, section 4.2).";
        TlsIssuerNotAllowed "tls-issuer-not-allowed", "A certificate of the server's chain was issued by one that is not allowed to issue it.", "Ask the server's owner for a certificate from a CA whose basic constraints, path length and name constraints allow it.";
        TlsFingerprintOfCa "tls-fingerprint-of-ca", "The fingerprint that this connection accepts is that of a CA in the server's chain, not of the server's own certificate.", "Ask the server's owner for the SHA-256 fingerprint of the server's own certificate (openssl x509 -in server.pem -noout -fingerprint -sha256) and type it, or choose the CA's file instead.";
        TlsOtherCertificate "tls-other-certificate", "The server presented another certificate than the one this connection accepts.", "Ask the server's owner whether the certificate was renewed, and for the SHA-256 fingerprint of the new one. If it was not renewed, someone may be between you and the server.";
        TlsBadCertificate "tls-bad-certificate", "The server's certificate cannot be accepted.", "Show the details to the server's owner; the certificate has to be replaced.";
        TlsTooLarge "tls-too-large", "The server's certificates are larger than any TLS library here takes.", "Ask the server's owner for a certificate with fewer names: all of the chain together must stay below 64 KiB.";
        TlsClientCertificateWanted "tls-client-certificate-wanted", "The server wants a client certificate, or did not accept the one that was shown.", "Ask the server's owner for a client certificate and its key, and choose them in the connection. If one was shown, ask which CA the server accepts.";
        TlsNotTls "tls-not-tls", "The server does not speak TLS on this port.", "Check the port: this may be the plain HTTP one. Ask the server's owner for the HTTPS port.";
        TlsVersionTooOld "tls-version-too-old", "The server offers only TLS 1.1 or older, which is broken.", "Ask the server's owner to turn on TLS 1.2 or 1.3.";
        TlsProtocol "tls-protocol", "The server and this program found no common cipher, key exchange or signature.", "Ask the server's owner to offer current cipher suites: ECDHE with AES-GCM or ChaCha20-Poly1305.";
        TlsUnrecognizedName "tls-unrecognized-name", "The server does not serve the host name in the address.", "Check the host name in the address, and ask the server's owner under which names it answers.";
        TlsNoHttp "tls-no-http", "The server offers neither HTTP/1.1 nor HTTP/2 on this port.", "Check the port: another service than PAM360 may answer there.";
        TlsServerFault "tls-server-fault", "The server reported a fault of its own during the TLS handshake.", "Ask the server's owner to look into the server's log.";
        TlsProtocolViolation "tls-protocol-violation", "What the server sent does not follow the TLS protocol.", "Check what stands between this computer and the server (proxy, load balancer, a firewall that inspects TLS), and show the details to the server's owner.";
        TlsFailed "tls-failed", "The secure connection could not be made.", "Show the details to the server's owner.";
        ConnectionClosedEarly "connection-closed-early", "The server closed the connection before the request left.", "Sign again when the server is steady; nothing was sent.";
        NoAnswer "no-answer", "The server took the question and gave no whole answer.", "Check that PAM360 is running well, and what stands between this computer and it.";
        KeychainAbsent "keychain-absent", "This computer has no keychain that can be used.", "Start a keychain service with a default keychain, such as GNOME Keyring or KeePassXC. Without one, nothing secret is kept there.";
        KeychainLocked "keychain-locked", "This computer's keychain is locked.", "Unlock it, then try again.";
        KeychainDenied "keychain-denied", "The keychain gave no access: its question was dismissed, or it refuses this program.", "Try again, and allow CSR Desk when the keychain asks.";
        KeychainTimedOut "keychain-timed-out", "The keychain did not answer in time.", "Look for a question of the keychain behind other windows and answer it, then try again. If there is none, start the keychain service anew.";
        KeychainFailed "keychain-failed", "The keychain could not be used.", "Read the details. The secret can be held for this session instead.";
        CaUnusable "ca-unusable", "The CA file can no longer be used.", "Check the connection's CA file: it may have been moved, or changed.";
        SystemCasMissing "system-cas-missing", "This computer has no list of trusted CAs.", "Install the package ca-certificates, correct SSL_CERT_FILE or SSL_CERT_DIR, or name a CA file: --ca-file in a terminal, CA file in the connection.";
        ClientIdentityUnusable "client-identity-unusable", "The client certificate or its key can no longer be used.", "Check the connection's client certificate: its file may have been moved or changed, or its passphrase is not held.";
    }
    Refused {
        ServerRefused "server-refused", "PAM360 refused the request.", "Read the server's words, correct the request and sign again.";
        NotAuthorized "not-authorized", "PAM360 did not accept the token for this request.", "Check that the token is current, that its user may sign, and that this computer is the host the token is bound to.";
        SigningForbidden "signing-forbidden", "PAM360 refused to sign this CSR for the token's user (HTTP 403).", "Read the server's words. Ask the administrator of PAM360 whether this user may sign with this issuer.";
        OrganizationRefused "organization-refused", "PAM360 refused the organization.", "Check the organization's display name in PAM360, and that the token's user may act in it.";
        AnswerNotRecognized "answer-not-recognized", "Something answered, but not in the way PAM360 answers.", "Check the port and the path prefix of the address: another program may be listening there.";
        TokenOrOrganization "token-or-organization", "PAM360 refused the token or the organization for this request.", "Check that the organization's name is spelled as PAM360 shows it and that the token's user belongs to it. Then check the token, its user's rights and the host it is bound to.";
        TooManyRequests "too-many-requests", "The server, or a proxy in front of it, received too many requests and rejected this one.", "Wait, then sign again.";
        RequestTooLarge "request-too-large", "The server, or a proxy in front of it, rejected the request as too large.", "A signing request has a few hundred bytes. Ask the administrator of the server or proxy about its limits for URL, header and body size.";
        GatewayLogin "gateway-login", "A proxy in front of PAM360 asks for a login (HTTP 407).", "Ask the administrator of the server about that proxy. It is not the proxy of this connection, which already opened the connection.";
        NotFound "not-found", "The server found nothing at this address (HTTP 404).", "Check the server's address in the connection: host, port and path prefix. Another program than PAM360 may have answered.";
        MethodNotAllowed "method-not-allowed", "This address does not accept the request (HTTP 405).", "Check the server's address in the connection: host, port and path prefix. Another program than PAM360, or a proxy in front of it, may have answered.";
        GatewayRefused "gateway-refused", "The server, or a proxy in front of it, rejected the request with a web page, not with an answer of PAM360's API.", "A proxy, firewall or gateway in front of PAM360 may have rejected it: show the details to its administrator. If PAM360 did, check the token, its user's rights and the host it is bound to.";
        HttpRefused "http-refused", "The server refused the request before it was read as a signing.", "It may not be PAM360 that answered. Check the address and path prefix of the server.";
    }
    Unknown {
        TimedOut "timed-out", "The request was sent, and no answer came in time.", "The certificate may exist. Look for it in PAM360 before anything is sent again.";
        ConnectionLost "connection-lost", "The request was sent, and the connection broke before a whole answer came.", "The certificate may exist. Look for it in PAM360 before anything is sent again.";
        ServerError "server-error", "The server, or a machine before it, failed while it handled the request.", "The certificate may exist. Look for it in PAM360 before anything is sent again.";
        ServiceUnavailable "service-unavailable", "The server, or a proxy in front of it, is unavailable (HTTP 503) and asks to wait.", "The certificate may exist. Wait, then look for it in PAM360 before anything is sent again.";
        Http11Required "http11-required", "The server reset the request because it requires HTTP/1.1.", "Look for the certificate in PAM360 before anything is sent again. The next connection to this server uses HTTP/1.1; without a saved connection, set --http-version 1.1.";
        SignedWithoutDetails "signed-without-details", "PAM360 reported success, but named no certificate by serial number or id.", "The certificate may exist. Look for it in PAM360 before anything is sent again.";
        ServerTimedOut "server-timed-out", "The server says it waited too long for the request.", "The certificate may exist. Look for it in PAM360 before anything is sent again.";
        Redirected "redirected", "The server answered with a redirect, which is never followed with a token.", "Check the address of the server. Look in PAM360 whether the certificate exists.";
        NoContent "no-content", "The server answered with nothing.", "The certificate may exist. Look for it in PAM360 before anything is sent again.";
        NotJson "not-json", "The server's answer is not the JSON that PAM360 documents.", "Something between may have answered: a proxy, or a login page. Look in PAM360 whether the certificate exists.";
        EncodedAnswer "encoded-answer", "The server's answer is compressed although that was not asked for.", "Something between may have changed it. Look in PAM360 whether the certificate exists.";
        AnswerTooLarge "answer-too-large", "The server's answer is larger than any signing answer.", "It was not read to its end. Look in PAM360 whether the certificate exists.";
        AnswerTooDeep "answer-too-deep", "The server's answer is nested more deeply than any signing answer.", "It was not interpreted. Look in PAM360 whether the certificate exists.";
        UnclearStatus "unclear-status", "The server's answer is neither a clear yes nor a clear no.", "Read the server's words, and look in PAM360 whether the certificate exists.";
        ContradictingAnswer "contradicting-answer", "The server's answer contradicts itself.", "Read the server's words, and look in PAM360 whether the certificate exists.";
        UnexpectedStatus "unexpected-status", "The server answered with an HTTP status that no signing answer has.", "Read the server's words, and look in PAM360 whether the certificate exists.";
        Interrupted "interrupted", "The request may have left, and no answer is on record: a program was ended in between, or is still waiting.", "If no window or program is still waiting for it, look for the certificate in PAM360 before anything is sent again.";
        InProgress "in-progress", "A program is waiting for PAM360's answer.", "Wait for the answer. If that program ends without one, this signing becomes unknown and can be resolved.";
        MayBeInProgress "may-be-in-progress", "A program may still be waiting for PAM360's answer. Whether it is running cannot be checked from here.", "Wait. If no answer is recorded within eleven minutes, this signing becomes unknown and can be resolved.";
        NotThere "not-there", "A person looked and recorded that no certificate was issued.", "It can be signed again. If an earlier decision named a certificate, or a search found one that nothing contradicts, that needs a reason.";
    }
    Signed {
        Signed "signed", "The certificate was signed.", "Check what was issued, then hand it to the requester.";
        FoundByPerson "found-by-person", "A person found the certificate and recorded that it is the one.", "Check what was issued, then hand it to the requester. The person's reason stands beside it.";
    }
    Internal {
        Internal "internal", "Something went wrong inside CSR Desk.", "Nothing more was sent. Please report this with the details shown.";
        UnknownCommand "unknown-command", "The page asked for something that this program does not offer.", "Reload the page: it may be older than the program.";
        MalformedCall "malformed-call", "The page sent a call that this program cannot read.", "Reload the page: it may be older than the program.";
        HostUnreachable "host-unreachable", "The program behind this page does not answer.", "Check that csrdesk serve is still running, then reload the page.";
        SessionEnded "session-ended", "This page's session has ended.", "Open the link that csrdesk serve has printed in its terminal, in this browser, then try again here.";
        OutcomeNotRecorded "outcome-not-recorded", "The answer could not be written to the record, which shows this signing as unknown.", "Keep what is shown here. Free disk space or correct the permissions of the data folder.";
        OutcomeNotInHistory "outcome-not-in-history", "The outcome of this signing is not in the history: its file was changed, deleted or made unreadable.", "Keep what is shown here: nothing else has this outcome. Find out who changed the data folder. Before you sign again, put the right journal.sqlite3 back, together with the journal.head that belongs to it.";
        OutcomeNotDurable "outcome-not-durable", "The outcome is recorded, but a power failure can still remove it from the journal: the disk did not confirm it.", "Keep what is shown here until csrdesk entry shows the outcome after a restart of this computer. Check the disk and the data folder.";
        EvidenceUnreadable "evidence-unreadable", "This file does not contain evidence, or it cannot be read.", "Check the path. Make the evidence again on the computer that signed: csrdesk evidence ENTRY FILE.";
        JournalFileUnreadable "journal-file-unreadable", "This file does not contain an exported journal, or it cannot be read.", "Check the path. Export the journal again on the computer that signed: csrdesk export-journal FILE.";
        JournalFileNewer "journal-file-newer", "A newer version of CSR Desk exported this journal, in a format that this version cannot read.", "Check it with that version, or with a newer one.";
        FolderNotOpened "folder-not-opened", "The folder could not be opened.", "Copy its path and open it in the file manager.";
        ExportFailed "export-failed", "The file could not be written.", "Check the folder's permissions and the free space.";
        NoDataFolder "no-data-folder", "This computer has no folder for a user's data.", "Name one with --data-dir or the environment variable CSRDESK_DATA_DIR.";
        RecordUnreadable "record-unreadable", "The record cannot be read.", "Check the data folder: its permissions, and that the file belongs to this version of CSR Desk.";
        RecordKeyUnreachable "record-key-unreachable", "Nothing can be recorded: the key that signs the record cannot be had.", "Make this computer's keychain usable, then try again. csrdesk record-key says where the key is.";
        RecordKeyUsable "record-key-usable", "The key that signs the record can be used, so it is not replaced.", "Move it instead: csrdesk record-key --to file, or --to keychain.";
        RecordLocked "record-locked", "Another program is using the journal, so nothing was changed.", "Wait until it has finished or close it, then try again.";
        RecordReadOnly "record-read-only", "The data folder cannot be written, so nothing was recorded.", "Correct the permissions of the data folder, or copy it to a folder that can be written.";
        ListNotRebuilt "list-not-rebuilt", "The audit chain is altered, so the list was not rebuilt from it.", "Keep the files as they are: they are the evidence. csrdesk verify-journal names the first altered event.";
        SettingsUnreadable "settings-unreadable", "The saved connections cannot be read.", "Check the permissions of the data folder, and that this version of CSR Desk is not older than the one that saved them.";
        SettingsUnwritable "settings-unwritable", "The change could not be saved for the next start.", "In a window or page that is open it counts until that is closed. Check the permissions of the data folder, and the free space.";
    }
}

// Derived, these two would be the largest part of the page's download: a match over every text, twice.
impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::ALL
            .iter()
            .copied()
            .find(|it| it.as_str() == text)
            .ok_or_else(|| D::Error::custom("no error code"))
    }
}

impl ErrorCode {
    /// The outcome that follows from the code; none for typed input and for our own defects.
    #[must_use]
    pub fn outcome(self) -> Option<Outcome> {
        match self.class() {
            Class::Invalid | Class::Internal => None,
            Class::NotSent => Some(Outcome::NotSent),
            Class::Refused => Some(Outcome::Refused),
            Class::Signed => Some(Outcome::Signed),
            Class::Unknown => Some(Outcome::Unknown),
        }
    }

    /// Whether a person typed a fingerprint, and it is not that of the certificate that it was compared with.
    #[must_use]
    pub fn is_other_fingerprint(self) -> bool {
        matches!(self, Self::FingerprintDiffers | Self::CertificateFingerprintDiffers) || self.is_mix_up()
    }

    /// Whether a person took one fingerprint for another of the same server: a slip, and no sign of an attack.
    #[must_use]
    pub fn is_mix_up(self) -> bool {
        matches!(self, Self::FingerprintOfServer | Self::FingerprintOfAnotherCa | Self::FingerprintOfCa)
    }

    /// Whether this is a refusal that a proxy, or another program than PAM360, may have answered with: then nothing may say
    /// that PAM360 refused.
    #[must_use]
    pub fn may_be_of_another_program(self) -> bool {
        matches!(
            self,
            Self::NotFound
                | Self::MethodNotAllowed
                | Self::GatewayRefused
                | Self::GatewayLogin
                | Self::TooManyRequests
                | Self::RequestTooLarge
                | Self::HttpRefused
                | Self::AnswerNotRecognized
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_unique_kebab_case_text_and_whole_sentences() {
        let mut seen = HashSet::new();
        for code in ErrorCode::ALL {
            let text = code.as_str();
            assert!(seen.insert(text), "{text} stands twice");
            assert!(
                text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{text}"
            );
            assert!(code.what().ends_with('.'), "{text}: {}", code.what());
            assert!(code.next().len() > 10, "{text}: {}", code.next());
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<ErrorCode>(&json).unwrap(), *code);
        }
    }

    #[test]
    fn every_refused_signing_says_that_no_certificate_was_issued_and_no_refused_search_does() {
        for code in ErrorCode::ALL.iter().copied() {
            let says = |it: &str| it.contains("No certificate was issued");
            assert_eq!(says(&code.next_of_signing()), code.class() == Class::Refused, "{code}");
            assert!(!says(code.next()), "{code}");
        }
    }

    #[test]
    fn words_blame_pam360_only_where_it_was_pam360_that_answered() {
        for code in ErrorCode::ALL.iter().filter(|it| it.class() == Class::Refused) {
            let blames = code.what().starts_with("PAM360 ");
            assert_eq!(blames, !code.may_be_of_another_program(), "{code}: {}", code.what());
        }
        for code in ErrorCode::ALL.iter().filter(|it| it.may_be_of_another_program()) {
            assert_eq!(code.class(), Class::Refused, "{code}");
        }
    }
}
