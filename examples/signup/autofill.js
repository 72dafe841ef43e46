// Makes the page of the code quicker. It works without this file, too.

// Chrome on Android reads the code from the message and asks for the user's consent (WebOTP). Safari needs no script.
const check = document.getElementById("check");
if ("OTPCredential" in window) {
  const stop = new AbortController();
  check.addEventListener("submit", () => stop.abort());
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: stop.signal })
    .then((found) => {
      document.getElementById("code").value = found.code;
      check.requestSubmit();
    })
    .catch(() => {}); // no message, or no consent: the user types the code
}

// The button of the next send waits until onesixty would send.
const again = document.querySelector("#resend button");
const label = again.textContent;
const ready = Date.now() + 1000 * again.dataset.seconds;
const count = () => {
  const left = Math.ceil((ready - Date.now()) / 1000);
  again.disabled = left > 0;
  again.textContent = left > 0 ? `${label} in ${left} s` : label;
  if (left > 0) setTimeout(count, 250);
};
count();
