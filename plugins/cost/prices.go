package cost

// prices are the price book and the exchange rates.
var prices = part{}
