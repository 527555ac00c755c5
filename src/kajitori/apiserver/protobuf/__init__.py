"""Request bodies in the API's protobuf encoding, which kubectl and other Go clients prefer to send."""
