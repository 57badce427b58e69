// Send each kind of call once through @segment/analytics-node: URL WRITE_KEY
import { Analytics } from "@segment/analytics-node";

const [url, writeKey] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const client = new Analytics({ writeKey, host: origin, path: `${pathname.replace(/\/$/, "")}/v1/batch` });
client.on("error", (problem) => {
  console.error("the client reports", problem);
  process.exitCode = 1;
});

const who = { userId: "user-of-node", anonymousId: "anonymous-of-node" };
client.identify({ ...who, traits: { email: "ada@node.example", plan: "pro" } });
client.track({ ...who, event: "Order Completed", properties: { order_id: "o1", revenue: 25.5 } });
client.page({ ...who, category: "Shoes", name: "Boots", properties: { url: "https://shop.example/boots" } });
client.screen({ ...who, category: "Shoes", name: "Boots", properties: { size: 43 } });
client.group({ ...who, groupId: "firm-1", traits: { employees: 3 } });
client.alias({ userId: who.userId, previousId: who.anonymousId });
await client.closeAndFlush();
