# language: de
Funktionalität: Schlüsselwörter anderer Sprachen
  Die Sätze bleiben englisch, die Wörter davor nicht.

  Szenario: ein Besuch
    Angenommen the app "../fixtures/apps/visits"
    Wenn I send GET "/visit"
    Dann the response body is "1"
    Und the key "visits" of store "default" is "1"
