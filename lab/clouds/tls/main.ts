import { sdkVersion } from "../provider/sdk-version";
import { serve } from "../provider/serve";
import { tlsProvider } from "./provider";

serve(tlsProvider(sdkVersion("tls")));
