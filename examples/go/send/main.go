// Sends a message: send TO TEXT
package main

import (
	"fmt"
	"log"
	"os"

	"example/onesixty"
)

func main() {
	body := map[string]string{"from": "YourBrand", "to": os.Args[1], "text": os.Args[2]}
	var message onesixty.Message
	if err := onesixty.Call("POST", "/v1/sms/send", body, "", &message); err != nil {
		log.Fatal(err)
	}
	fmt.Println(message.ID, message.Status)
}
