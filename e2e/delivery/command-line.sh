#!/bin/sh
# What an operator's script does with `sluice` on a running installation: a tenant from nothing to its first message, a queue that is held,
# why, and on again. Every step fails the script when it fails. Needs: SLUICE (the command), SLUICE_DATA_DIR, CONSOLE_URL, XDG_CONFIG_HOME.
set -eu
why='set up by a script'

sluice() { $SLUICE "$@"; }
# One field of a JSON object on standard input.
field() { node -e 'process.stdout.write(String(JSON.parse(require("fs").readFileSync(0, "utf8"))[process.argv[1]]))' "$1"; }
# Tries a command every half second until its output holds a text, for a minute.
until_says() {
  text=$1
  shift
  tries=0
  until sluice "$@" | grep -q "$text"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 60 ]; then
      echo "sluice $*: never said $text" >&2
      exit 1
    fi
    sleep 0.5
  done
}
send() { SMTP_USER=script-mailer SMTP_PASSWORD=$password sluice send --from news@script.example --to "$1"; }

echo '== a key, and a login with it'
key=$(sluice keys create script --local --scope '*:read' '*:write' '*:act' --expires 1d --reason "$why" --json | field secret)
printf '%s\n' "$key" | sluice --url "$CONSOLE_URL" login --key-stdin
sluice whoami

echo '== a sender'
sluice tenants create 'Script Brand' --slug script --reason "$why"
sluice sources create script-1 127.0.13.1 --ehlo mta1.script.example --reason "$why"
sluice sources create script-2 127.0.13.2 --ehlo mta2.script.example --reason "$why"
sluice pools create script-pool --source script-1 script-2:3 --reason "$why"
sluice streams create script-mail --tenant script --pool script-pool --reason "$why"
sluice domains create script.example --tenant script --reason "$why"
sluice selectors create script.example s1 --activate --reason "$why"
password=$(sluice credentials create script-mailer --tenant script --stream script-mail --reason "$why" --json | field password)
until_says '"queues.explain' api --list --json
until_says '"healthy": true' doctor --json
until_says running nodes list

echo '== a message'
tries=0
until send ada@gmail.com; do
  tries=$((tries + 1))
  [ "$tries" -lt 20 ] || exit 1
  sleep 0.5
done
until_says delivered messages trace --to ada@gmail.com

echo '== a queue that is held, why, and on again'
sluice commands issue suspend --domain yahoo.com --tenant script --minutes 30 --reason 'the script says stop'
send bob@yahoo.com
until_says 'the script says stop' queues explain yahoo.com --tenant script --stream script-mail
sluice queues explain yahoo.com --tenant script --stream script-mail
sluice commands issue resume --domain yahoo.com --tenant script --reason 'the script says go on'
until_says delivered messages trace --to bob@yahoo.com

echo '== nothing is left of the login'
sluice keys list --json | grep -q '"name": "script"'
sluice logout
echo done
