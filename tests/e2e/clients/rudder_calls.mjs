// Send each kind of call once through @rudderstack/rudder-sdk-node: URL WRITE_KEY
import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const [url, writeKey] = process.argv.slice(2);
const client = new RudderAnalytics(writeKey, { dataPlaneUrl: url, flushInterval: 100 });
const who = { userId: "user-of-rudder", anonymousId: "anonymous-of-rudder" };
const calls = [
  ["identify", { ...who, traits: { email: "ada@rudder.example", plan: "pro" } }],
  ["track", { ...who, event: "Order Completed", properties: { order_id: "o1", revenue: 25.5 } }],
  ["page", { ...who, name: "Boots", properties: { category: "Shoes", url: "https://shop.example/boots" } }],
  ["screen", { ...who, name: "Boots", properties: { category: "Shoes", size: 43 } }],
  ["group", { ...who, groupId: "firm-1", traits: { employees: 3 } }],
  ["alias", { userId: who.userId, previousId: who.anonymousId }],
];
const sent = calls.map(
  ([kind, call]) =>
    new Promise((resolve, reject) => client[kind](call, (problem) => (problem ? reject(problem) : resolve()))),
);
await Promise.all(sent);
