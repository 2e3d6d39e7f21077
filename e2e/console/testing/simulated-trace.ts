// What a node tells of one session: a delivery over TLS to a server that tries to write on the operator's screen.
import type { TraceBatch, TraceLineKind } from '@sluice/contract';

const told: readonly (readonly [number, TraceLineKind, string])[] = [
  [
    0,
    'opened',
    'from tx-1 127.0.30.1 (mta1.example) to mx1.gmail.com [127.0.1.10]:2526, site gmail.com, provider gmail, TLS opportunistic',
  ],
  [1.2, 'connected', 'the connection is there'],
  [3.4, 'received', '220 mx1.gmail.com ESMTP <img src=x onerror=alert(1)> \\x1b[2J'],
  [3.6, 'sent', 'EHLO mta1.example'],
  [5.1, 'received', '250-mx1.gmail.com'],
  [5.1, 'received', '250 STARTTLS'],
  [5.2, 'sent', 'STARTTLS'],
  [6, 'received', '220 2.0.0 go ahead'],
  [14.8, 'tls', 'TLSv1.3 TLS_AES_256_GCM_SHA384, certificate not verified, wanted: opportunistic'],
  [15, 'sent', 'MAIL FROM:<news@halden.example> SIZE=2048'],
  [15, 'sent', 'RCPT TO:<ada@gmail.com>'],
  [15, 'sent', 'DATA'],
  [16.9, 'received', '250 2.1.0 OK'],
  [16.9, 'received', '250 2.1.5 OK'],
  [17.1, 'received', '354 go'],
  [17.3, 'message', 'a message of 2048 octets'],
  [41, 'received', `421 4.7.28 ${'Our system has detected an unusual rate of mail. '.repeat(4)}`],
  [41.2, 'closed', 'message: the server closes the connection'],
];

export function tracedSession(traceId: string, nowMs: number): TraceBatch {
  const lines = told.map(([sinceMs, kind, text], index) => {
    return { seq: index + 1, session: 1, at: new Date(nowMs + sinceMs).toISOString(), sinceMs, kind, text };
  });
  return { traceId, lines, report: { sessions: 1, lines: lines.length, dropped: 3, ended: null } };
}
