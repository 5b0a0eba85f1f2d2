'use strict';
// Drives a camera with the npm package `onvif`: connects, lists, pulls a press, renews, leaves.
// Usage: node drive.js HOST PORT USER PASSWORD; speaks in JSON lines, ends with code 0.
const { promisify } = require('node:util');
const { Cam } = require('onvif');

const [hostname, port, username, password] = process.argv.slice(2);

const say = (what, facts = {}) => process.stdout.write(`${JSON.stringify({ what, ...facts })}\n`);

const items = (holder) => [].concat(holder?.simpleItem ?? []).map((one) => [one.$.Name, one.$.Value]);

const heard = (reply) =>
  [].concat(reply.notificationMessage ?? []).map((one) => ({
    topic: one.topic._,
    operation: one.message.message.$.PropertyOperation,
    source: items(one.message.message.source),
    data: items(one.message.message.data),
  }));

async function main() {
  const cam = await new Promise((resolve, reject) => {
    const made = new Cam({ hostname, port, username, password, timeout: 10000 }, (error) =>
      error ? reject(error) : resolve(made));
  });
  const call = (name, ...words) => promisify(cam[name].bind(cam))(...words);
  say('connected', {
    device: await call('getDeviceInformation'),
    profiles: Object.values(cam.profiles).map((one) => one.$.token),
    still: await call('getSnapshotUri', {}),
  });
  await call('createPullPointSubscription');
  say('initial', { heard: heard(await call('pullMessages', { messageLimit: 100 })) });
  say('pressed', { heard: heard(await call('pullMessages', { messageLimit: 100 })) });
  await call('renew', {});
  say('renewed');
  await call('unsubscribe');
  say('left');
}

main().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exit(1);
  },
);
