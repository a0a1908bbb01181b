import { sdkVersion } from "../provider/sdk-version";
import { serve } from "../provider/serve";
import { commandProvider } from "./provider";

serve(commandProvider(sdkVersion("command")));
