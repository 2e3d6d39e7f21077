// Messages that tend to be damaged on their way, and the comparison of what was sent with what arrived.

/** Header fields that Sluice, Postfix or OpenDKIM add in front; everything else must arrive as it was sent. */
export const addedFields = [
  'return-path',
  'x-original-to',
  'delivered-to',
  'authentication-results',
  'received',
  'dkim-signature',
] as const;

const fieldStart = /^([\x21-\x39\x3b-\x7e]+):/;

/** The message without the added fields, which stand before the first field of its own. LF line ends. */
export function withoutAdded(message: Buffer): { own: Buffer; added: string[] } {
  const added: string[] = [];
  let rest = message.toString('latin1');
  for (;;) {
    const end = /\n(?![ \t])/.exec(rest);
    const name = fieldStart.exec(rest)?.[1]?.toLowerCase();
    if (!end || !name || !addedFields.some((known) => known === name)) return { own: Buffer.from(rest, 'latin1'), added };
    added.push(rest.slice(0, end.index));
    rest = rest.slice(end.index + 1);
  }
}

/** As stored by a system with LF line ends. */
export const withLf = (message: string): Buffer => Buffer.from(message.replaceAll('\r\n', '\n'), 'utf8');

/** Wire form for DATA: dots doubled at line starts, and the final dot. RFC 5321 section 4.5.2. */
export const onTheWire = (message: string): string => `${message.replace(/^\./gm, '..')}.\r\n`;

export function message(from: string, to: string, messageId: string, rest: { fields?: string[]; body: string[] }): string {
  const fields = [
    `From: Ann Sender <${from}>`,
    `To: <${to}>`,
    `Message-ID: ${messageId}`,
    'Date: Mon, 23 Nov 2026 18:00:00 +0000',
    ...(rest.fields ?? []),
  ];
  return [...fields, '', ...rest.body, ''].join('\r\n');
}

export const samples: Record<string, { fields?: string[]; body: string[] }> = {
  'plain text': { fields: ['Subject: hello'], body: ['Hello,', '', 'this is a test.'] },
  'lines that begin with dots': { fields: ['Subject: dots'], body: ['.', '..', '.hidden', 'a line', '...and more', '.'] },
  'empty lines and blanks at line ends': { fields: ['Subject: blanks'], body: ['', 'two blanks at the end  ', '\ttab first', '', '', ''] },
  'no body': { fields: ['Subject: nothing'], body: [] },
  '8-bit text': {
    fields: [
      'Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
    ],
    body: ['Grüße aus Köln, 今日は, €', 'Zweite Zeile'],
  },
  'folded and repeated fields': {
    fields: [
      'Subject: a subject',
      '\tthat goes on',
      ' and on',
      'X-Tag: one',
      'X-Tag:  two ',
      'x-lower:no blank after the colon',
      'Comments:',
    ],
    body: ['body'],
  },
  'lines of 998 octets': { fields: ['Subject: long lines'], body: ['x'.repeat(998), `.${'y'.repeat(996)}`] },
  'a multipart of 200 KB': {
    fields: ['Subject: big', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"'],
    body: [
      '--b',
      'Content-Type: text/plain',
      '',
      'text',
      '--b',
      'Content-Type: application/octet-stream',
      'Content-Transfer-Encoding: base64',
      '',
      ...Array.from({ length: 2600 }, (_, index) => Buffer.alloc(57, index % 251).toString('base64')),
      '--b--',
    ],
  },
};
