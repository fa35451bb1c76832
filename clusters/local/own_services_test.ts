import { testOwnServices } from "../this_host/testing/test_own_services.ts";
import { local } from "./backend.ts";

testOwnServices(local(), { ignore: Deno.build.os !== "linux" });
