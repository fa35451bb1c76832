import { testOwnServices } from "../this_host/testing/test_own_services.ts";
import { loopback } from "./backend.ts";

testOwnServices(loopback(), { ignore: Deno.build.os !== "linux" });
