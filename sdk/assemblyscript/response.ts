// What came of a request.
import { Json } from "./json";

// Response is the provider's answer, whatever its status.
export class Response {
  status: i32;
  constructor(private json: Json) {
    this.status = I32.parseInt(json.at("status").word);
  }

  // body is the answer's body, or "" where it is no text.
  get body(): string {
    return this.json.text("body");
  }

  get ok(): bool {
    return this.status >= 200 && this.status < 300;
  }

  // header is the first value of a header by its lower-case name, or "".
  header(name: string): string {
    const values = this.json.at("headers").at(name).items;
    return values.length > 0 ? values[0].word : "";
  }

  // retryAfterMS reads the header retry-after where it counts seconds, at most
  // a day. Without one it is 0.
  get retryAfterMS(): i64 {
    const text = this.header("retry-after");
    let seconds: i64 = 0;
    for (let i = 0; i < text.length; i++) {
      const d = text.charCodeAt(i) - 0x30;
      if (d < 0 || d > 9) return 0;
      seconds = min<i64>(seconds * 10 + d, 86400);
    }
    return seconds * 1000;
  }
}
