### Co služba říká lidem, česky. Klíče a argumenty jsou v každém katalogu stejné.

## Druhy chyb: nadpisy

problem-malformed-request = Požadavek nelze přečíst
problem-invalid-field = Některé pole nevyhovuje
problem-unsupported-media-type = Tělo požadavku je typu, který se zde nepřijímá
problem-content-too-large = Tělo požadavku je příliš velké
problem-uri-too-long = Cesta a dotaz požadavku jsou příliš dlouhé
problem-headers-too-large = Hlavičky požadavku jsou příliš velké
problem-credentials-rejected = Adresa nebo heslo nesouhlasí
problem-token-missing = Je potřeba token
problem-token-invalid = Token byl odmítnut
problem-token-expired = Platnost tokenu vypršela
problem-session-ended = Přihlášení skončilo
problem-identity-missing = Brána neříká, kdo se ptá
problem-forbidden = Vaše role to nedovoluje
problem-signature-refused = Podpis poskytovatele nesouhlasí
problem-too-many-attempts = Pokusů bylo příliš mnoho
problem-too-many-streams = Máte otevřeno příliš mnoho proudů událostí
problem-rate-limited = Požadavků bylo příliš mnoho
problem-wrong-password = Současné heslo nesouhlasí
problem-address-taken = Adresa je již použita
problem-last-admin = Organizace potřebuje správce
problem-not-found = Zde nic není
problem-method-not-allowed = To zde nelze udělat
problem-idempotency-key-reused = Klíč byl použit pro jiný požadavek
problem-idempotency-key-in-use = Klíč se právě používá
problem-call-state = Stav hovoru to nedovoluje
problem-call-known = Hovor je již znám
problem-transcript-state = Stav přepisu to nedovoluje
problem-segment-gap = Před tímto úsekem jiné chybějí
problem-segment-final = Konečný úsek se nemění
problem-sentiment-state = Výsledek rozboru je již znám
problem-agent-audio = Nálada operátorů se z hlasu nezjišťuje
problem-campaign-state = Stav kampaně to nedovoluje
problem-contact-state = Stav kontaktu to nedovoluje
problem-contact-known = Kampaň toto číslo již má
problem-event-state = Událost není odložena
problem-events-backlog-full = Na doručení čeká příliš mnoho událostí
problem-storage-full = Není místo
problem-version-conflict = Mezitím se to změnilo
problem-busy = Služba to teď nemůže udělat
problem-internal = Služba selhala

## Slovo mezi posledními dvěma z více

or = nebo

## Požadavky

body-too-large = Tělo je větší, než se na této cestě přijímá: pošlete najednou méně.
uri-too-long = Pošlete cestu a dotaz o nejvýše { $most } KiB: žádejte najednou o méně, nebo to řekněte v těle.
headers-too-large = Pošlete hlavičky o nejvýše { $most } KiB: vynechte cookies a vše, co zde není potřeba.
body-cut = Tělo skončilo předčasně: pošlete ho znovu.
body-type = Pošlete JSON s hlavičkou `Content-Type: application/json`.
body-not-json = Tělo není JSON ({ $reason }).
fields-unfit = Změňte pole, která vyjmenovává `errors`, a zkuste to znovu.
path-unknown = Zkontrolujte cestu a id.
method-unknown = Použijte některou z metod, které vyjmenovává hlavička Allow.
if-match-unreadable = Pošlete `If-Match` s ETagem z dřívější odpovědi, například `"3"`, nebo ho vynechte.
answer-too-slow = Odpověď trvala příliš dlouho: zkuste to za chvíli znovu.
failed = Zkuste to znovu; pokud to potrvá, nahlaste X-Request-Id této odpovědi.
database-away = Databáze není dostupná: zkuste to za chvíli znovu.
events-backlog-full = Na zprostředkovatele čeká tolik událostí, že další nelze přidat (EVENTS_BACKLOG_LIMIT). Nic se nezměnilo: zkuste to znovu, až budou doručeny. Číst lze dál.
storage-full = Databáze nemá volné místo a nic se nezměnilo: požádejte správce služby o zvětšení jejího svazku a pak to zkuste znovu. Číst lze dál.
event-not-parked = Událost není odložena: její doručení je { $current }. Znovu zkusit ručně lze jen odloženou.
rate-limited =
    { $seconds ->
        [one] Počkejte jednu sekundu a pak žádejte o méně najednou.
        [few] Počkejte { $seconds } sekundy a pak žádejte o méně najednou.
       *[other] Počkejte { $seconds } sekund a pak žádejte o méně najednou.
    }
idempotency-key-unreadable = Pošlete jeden Idempotency-Key z 1 až 255 viditelných znaků ASCII, například náhodné UUID.
idempotency-body-too-large = S hlavičkou Idempotency-Key pošlete nejvýše 1 MiB.
idempotency-key-reused = Tento Idempotency-Key byl použit pro jiný požadavek: dejte každému požadavku vlastní klíč.
idempotency-key-in-use = Na první požadavek s tímto Idempotency-Key se teprve odpovídá: za chvíli ho opakujte.

## Co v těle nebo v dotazu nelze přečíst

unreadable-missing = Chybí `{ $field }`: uveďte ho.
unreadable-unknown = Pole `{ $field }` zde není: vynechte ho, nebo uveďte některé z { $known }.
unreadable-unknown-alone = Pole `{ $field }` zde není: vynechte ho.
unreadable-twice = `{ $field }` je uvedeno dvakrát: uveďte ho jednou.
unreadable-variant = `{ $value }` nepatří k tomu, co lze uvést: { $known }.
unreadable-type = Je zde { $found }, čeká se { $expected }.
unreadable-other = Nevyhovuje: { $reason }.
kind-number = číslo { $value }
kind-boolean = { $value }
kind-text = text
kind-null = null
kind-truth = true nebo false
kind-object = objekt
kind-list = seznam
kind-whole-number = celé číslo
kind-any-number = číslo
kind-other = { $words }

## Kdo se ptá

token-expired = Vyžádejte si nový přístupový token z /auth/refresh, nebo se znovu přihlaste.
log-in-again = Přihlaste se znovu.
token-missing = Pošlete `Authorization: Bearer` a přístupový token z /auth/login.
authorization-unreadable = Pošlete jednu hlavičku `Authorization` ve tvaru `Bearer <token>`.
permission-missing = Požádejte správce: vaše role nezahrnuje `{ $permission }`.
credentials-rejected = Zkontrolujte adresu a heslo, nebo požádejte správce.
attempts-used-up =
    { $seconds ->
        [one] Počkejte jednu sekundu a zkuste to znovu se správným heslem.
        [few] Počkejte { $seconds } sekundy a zkuste to znovu se správným heslem.
       *[other] Počkejte { $seconds } sekund a zkuste to znovu se správným heslem.
    }
logins-busy = Právě se přihlašuje příliš mnoho lidí: zkuste to za chvíli znovu.
stopping = Služba se vypíná: zkuste to za chvíli znovu.
password-unusable = Heslo nelze zpracovat ({ $reason }): obnovte uložený otisk hesla uživatele.
password-too-short =
    { $least ->
        [one] Heslo je prázdné: zvolte nějaké.
        [few] Heslo má méně než { $least } znaky: zvolte delší.
       *[other] Heslo má méně než { $least } znaků: zvolte delší.
    }
password-too-long =
    { $most ->
        [one] Heslo má v UTF-8 { $bytes } bajtů, ale počítá se jen jeden: zvolte kratší.
        [few] Heslo má v UTF-8 { $bytes } bajtů, ale počítají se nejvýše { $most }: zvolte kratší.
       *[other] Heslo má v UTF-8 { $bytes } bajtů, ale počítá se jich nejvýše { $most }: zvolte kratší.
    }
password-wrong = Současné heslo nesouhlasí: zkontrolujte ho a zkuste to znovu.
user-stale = Uživatel se mezitím změnil: teď má verzi { $version }. Načtěte ho znovu.
user-contended = Uživatele právě mění někdo jiný: zkuste to za chvíli znovu.
address-taken = Účet s touto adresou již existuje: uveďte jinou adresu.
last-admin = Toto je poslední správce organizace: nejdříve určete jiného.
gateway-unproven = Požadavek nepřichází přes bránu: volejte adresu platformy.
gateway-underscore = Hlavička se jmenuje jako { $header }, ale s podtržítkem: brána musí taková jména zahazovat, protože je některé programy zaměňují.
gateway-connection = Hlavička { $header } je vyjmenována v Connection, a cestou by tak byla zahozena: brána musí Connection nahradit.
gateway-missing = Chybí hlavička { $header }: brána ji musí nastavit.
gateway-repeated = Hlavička { $header } je zde víckrát: brána musí nahradit, co posílá klient.
gateway-unfit = Hlavička { $header } má nevyhovující hodnotu: brána ji musí nastavit znovu.

## Hovory

call-stale = Hovor se mezitím změnil: teď má verzi { $version }. Načtěte ho znovu.
call-known = Hovor poskytovatele je již znám: je to hovor { $id }.
call-state = Hovor ve stavu { $current } nedovoluje akci { $action }: { $allowed }.
call-can = lze { $actions }
call-has-ended = skončil
call-ending = Hovor ve stavu { $current } nemůže skončit jako { $wanted }: může jako { $endings }.
call-ended-too-early = `ended_at` předchází poslednímu kroku hovoru v { $time }: uveďte tento čas nebo pozdější.
call-ends-in-future = `ended_at` leží v budoucnosti: vynechte ho, nebo uveďte čas, kdy hovor skončil.
policy-stale = Pravidla se mezitím změnila. Načtěte je znovu.
twilio-type = Pošlete parametry Twilia jako application/x-www-form-urlencoded.
twilio-signature = Zkontrolujte SID a auth token účtu a to, že adresa zpětného volání leží pod CC_LITE_PUBLIC_URL.
twilio-parameter = Parametr { $parameter } chybí nebo nevyhovuje: pošlete zpětné volání Twilia tak, jak je.

## Přepisy

transcript-stale = Přepis se mezitím změnil: teď má verzi { $version }. Načtěte ho znovu.
transcript-partial =
    { $count ->
        [one] Přepis není úplný: jeho úsek { $places } není konečný. Pošlete ho jako konečný a pak přepis uzavřete.
        [few] Přepis není úplný: { $count } jeho úseky nejsou konečné, mezi nimi { $places }. Pošlete je jako konečné a pak přepis uzavřete.
       *[other] Přepis není úplný: { $count } jeho úseků není konečných, mezi nimi { $places }. Pošlete je jako konečné a pak přepis uzavřete.
    }
transcript-segments = Přepis ve stavu { $current } nepřijímá úseky.
transcript-language = Přepis ve stavu { $current } nepřijímá jiný jazyk.
transcript-ending = Přepis ve stavu { $current } nepřijímá jiný konec.
segment-gap = Úsek { $given } nechává mezeru: další nový je { $expected }. Pošlete nejdříve ty, které chybějí.
segment-final = Úsek { $sequence } je konečný a říká něco jiného: co je konečné, zůstává.
segment-not-final = Úsek { $sequence } ještě není konečný: začerněte ho, až bude.
segments-partial =
    { $count ->
        [one] Jeden úsek ještě není konečný: pošlete ho jako konečný a pak přepis uzavřete.
        [few] { $count } úseky ještě nejsou konečné: pošlete je jako konečné a pak přepis uzavřete.
       *[other] { $count } úseků ještě není konečných: pošlete je jako konečné a pak přepis uzavřete.
    }
segments-full = Přepis má nejvýše { $most } úseků: posílejte delší.
redaction-range =
    { $characters ->
        [one] Rozsah neleží v úseku, který má jeden znak.
        [few] Rozsah neleží v úseku, který má { $characters } znaky.
       *[other] Rozsah neleží v úseku, který má { $characters } znaků.
    }
redactions-full = Úsek má nejvýše { $most } začernění: začerněte ho celý.

## Nálada

segment-other-party = Tento úsek řekla strana { $party }: vynechte `party`, nebo zvolte jiný úsek.
sentiment-settled = Rozbor je již ve stavu { $current }: co je známo, zůstává.
agent-audio = Odvozovat emoce lidí v práci z jejich hlasu zakazuje čl. 5 odst. 1 písm. f) aktu EU o umělé inteligenci: pošlete rozbor zákazníka, nebo rozbor operátora udělaný z textu. Nasazení, na které se vztahují výjimky toho článku, nastaví CC_LITE_ALLOW_AGENT_AUDIO_SENTIMENT.

## Kampaně

campaign-stale = Kampaň se mezitím změnila: teď má verzi { $version }. Načtěte ji znovu.
campaign-state = Kampaň ve stavu { $current } nedovoluje akci { $action }: { $allowed }.
campaign-can = lze { $actions }
campaign-has-ended = skončila
contact-unknown = Žádná vaše kampaň nemá kontakt s tímto id: zkontrolujte `contact_id`, nebo mažte podle `number`.
contact-known = Kampaň toto číslo již má: je to kontakt { $id }.
contact-no-attempt = Kontakt ve stavu { $current } nemá pokus, ke kterému by tento výsledek patřil: { $next }.
contact-take-first = nejdříve ho vezměte přes `next`
contact-name-attempt = uveďte pokus, který má teď, nebo žádný
contact-result-stands = platí jeho poslední výsledek
import-type = Pošlete řádky JSON s hlavičkou `Content-Type: application/x-ndjson`, nebo CSV s `Content-Type: text/csv`.
import-too-large = V jednom importu pošlete nejvýše 64 MiB.
import-broken =
    { $rows ->
        [one] { $cause } Jeden řádek byl předtím zpracován; co kampaň již má, se nepřidá dvakrát.
        [few] { $cause } { $rows } řádky byly předtím zpracovány; co kampaň již má, se nepřidá dvakrát.
       *[other] { $cause } { $rows } řádků bylo předtím zpracováno; co kampaň již má, se nepřidá dvakrát.
    }
import-cut = Soubor nedošel až do konce: pošlete ho znovu.
import-row-too-long = Soubor nelze dál číst: některý řádek je delší než 64 KiB.
import-too-many-columns = Soubor nelze číst: má více než 256 sloupců.
import-unknown-column = Soubor nelze číst: sloupec `{ $column }` není znám; jsou number, name, external_id, language, time_zone a metadata.<klíč>.
import-repeated-column = Soubor nelze číst: sloupec `{ $column }` je v něm dvakrát.
import-no-numbers = Soubor nelze číst: v prvním řádku není sloupec `number`.

## Proud událostí

streams-of-user =
    { $most ->
        [one] Jeden proud událostí již máte otevřený: zavřete ho, nebo ho nechte svým oknům společný.
        [few] Máte již otevřeny { $most } proudy událostí: některý zavřete, nebo nechte jeden svým oknům společný.
       *[other] Máte již otevřeno { $most } proudů událostí: některý zavřete, nebo nechte jeden svým oknům společný.
    }
streams-of-process = Tento proces má všechny proudy událostí, které zvládne: zkuste to znovu, jiná replika může mít místo.
stream-reset = Události od vaší pozice už nejsou všechny uchovány: načtěte znovu, co zobrazujete, a pokračujte odtud.
stream-stops = Služba se vypíná: připojte se znovu.
stream-token-ended = Token už neplatí: vyžádejte si nový a připojte se znovu.
stream-hour-over = Proud událostí trvá hodinu: připojte se znovu.
stream-type-unknown = některé z { $known }, oddělené čárkami; `{ $given }` není typ události

## Co by v poli vyhovovalo

give-call-ended-at = čas mezi posledním krokem hovoru a současností
give-number = telefonní číslo ve tvaru E.164, například +420601123456
give-email = adresa jako jmeno@example.com
give-identifier = 1 až 128 písmen, číslic nebo znaků -_.:@|+~
give-text =
    { $most ->
        [one] jeden znak, ne řídicí
        [few] 1 až { $most } znaky, žádný z nich řídicí
       *[other] 1 až { $most } znaků, žádný z nich řídicí
    }
give-long-text =
    { $most ->
        [one] jeden znak
        [few] 1 až { $most } znaky
       *[other] 1 až { $most } znaků
    }
give-https-url = URL s https:// bez jména a hesla, nejvýše 2048 bajtů dlouhé
give-language = značka jazyka, například cs nebo en-GB
give-number-between = číslo od { $least } do { $most }
give-one-of = { $names }
give-cursor = `next_cursor` z dřívější odpovědi, nebo pro první stránku nic
give-cursor-of-list = kurzor právě tohoto seznamu: tento byl dán pro jiné filtry nebo jiné pořadí
give-sort = { $names }, s - před jménem od největšího
give-sort-by-time = { $names }, protože `since` a `before` jsou časy
give-query = alespoň jedno slovo nebo číslo a nejvýše 200 znaků
give-since = čas v posledních 7 dnech, například 2025-10-05T00:00:00Z
give-provider = poskytovatel, jehož id je `provider_call_id`
give-no-recording = nic: nahrávaný s nahráváním nesouhlasil
give-no-reason = nic, pokud `status` není failed
give-segments = 1 až 500 úseků
give-starts-ms = milisekundy od začátku hovoru, nejvýše týden
give-ends-ms = milisekundy od začátku hovoru, ne před `starts_ms` a nejvýše týden
give-nothing-built-in = nic: vestavěný rozbor to zjistí sám, z textu
give-status-analyzed = analyzed, pokud je uvedeno label, score nebo confidence
give-sentiment-reason = důvod, pokud je `status` skipped nebo failed, a jinak nic
give-consistent-score = nad 0 pro positive, pod 0 pro negative, nejvýše 0,25 od 0 pro neutral a 0,5 pro mixed
give-outcome = co z pokusu vzešlo; že vypršel jeho čas, se pozná samo
give-days = celé dny od 1 do 36525, nebo null pro uchování navždy
give-time-zone = časové pásmo z databáze IANA, například Europe/Prague
give-windows = nejvýše 28 oken, v každém každý den jednou, a `from` a `to` navzájem různé
give-end-after-start = čas po `starts_at`
give-delays = sekundy, každé číslo od 0 do 2592000 (30 dní)
give-metadata-kib = nejvýše { $most } KiB JSON
give-no-nul = text bez znaku U+0000
give-depth = nejvýše { $most } objektů a seznamů v sobě
give-person = buď `number`, nebo `contact_id`
give-time-of-day = čas dne ve tvaru HH:MM, od 00:00 do 24:00
give-start = čas, kdy má kampaň začít
give-start-scheduled = čas, protože kampaň je naplánována
give-no-start = nic: kampaň již začala
give-end-in-future = čas v budoucnosti, nebo null: tímto by kampaň již skončila
give-json-line = objekt JSON na jednom řádku ({ $reason })
give-utf-8 = text v UTF-8
give-values =
    { $count ->
        [one] jedna hodnota, jako v prvním řádku
        [few] { $count } hodnoty, jako v prvním řádku
       *[other] { $count } hodnot, jako v prvním řádku
    }
