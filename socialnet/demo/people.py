"""The people of the demo world. All of them are invented."""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    """Somebody, and what they write about: names of files in `posts/`."""

    user_id: str
    name: str
    themes: tuple[str, ...]


_PEOPLE = """
ada | Ada Okonkwo | code garden city
bruno | Bruno Castellani | kitchen music
chiara | Chiara Vendramin | craft sea
dmitri | Dmitri Halvorsen | bikes repair
esra | Esra Yıldırım | words kitchen
femi | Femi Adeyemi-Brandt | music run
greta | Greta Lindqvist | sky sea
hassan | Hassan El Mansouri | city film
ines | Inês Carvalhal | books words
jonas | Jonas Baumgartl | code bikes
keiko | Keiko Matsunaga | craft garden
liam | Liam O'Shaughnessy-Diallo | home run
mei | Mei Lin Thorvald | work sky
nikos | Nikos Papandrelis | sea kitchen
oluchi | Oluchi Eze | books home
pavel | Pavel Dvořáček | repair music
qasim | Qasim Rahmani | words work
rosa | Rosa Quispe Mamani | kitchen garden
sanjay | Sanjay Venkataraghavan | code sky
tove | Tove Mikkelsgaard | pets sea
umut | Umut Karadeniz | film city
vera | Vera Sokolowska | garden pets
wanjiru | Wanjiru Kamotho | run work
xochitl | Xóchitl Barrera | craft film
yusuf | Yusuf Abdirahman | bikes city
zofia | Zofia Wilczyńska | books pets
amara | Amara Nwosu | work home
anders | Anders Ekblom | repair sea
aisha.b | Aisha Benhaddou | kitchen words
akira | Akira Fujimoto | film music
alma | Alma Reyes-Lindholm | home craft
anouk | Anouk Delacroix-Mbaye | books city
arjun | Arjun Pillai | run code
asta | Ásta Sigurðardóttir | sky books
bela | Béla Horváthi | music repair
bilal | Bilal Chaudhry | work kitchen
birgit | Birgit Ostermann | garden books
callum | Callum MacInnes | sea pets
carmen | Carmen Iturralde | home words
chen_wei | Chen Wei | code craft
dagny | Dagny Haugland | run sea
daniel | Daniel Abebe | city bikes
delphine | Delphine Rousselot | film books
diego | Diego Montenegro Paz | music kitchen
dunja | Dunja Petrovska | work garden
eirik | Eirik Solbakken | bikes sea
elif | Elif Aksoy | pets home
emeka | Emeka Obi-Larsen | code run
fatou | Fatou Sarr | words music
fiona | Fiona Kinnaird | craft pets
gabor | Gábor Szentmiklósi | repair bikes
giulia | Giulia Marangon | kitchen city
goran | Goran Babić | sea work
hana | Hana Kučerová | books film
hiroshi | Hiroshi Tanemura | garden repair
ibrahim | Ibrahim Touré | run city
ida | Ida Rasmussen | home sky
ingrid | Ingrid Wolff-Achterberg | words craft
isabel | Isabel Fonseca Prado | film home
ivana | Ivana Marković | pets garden
jamila | Jamila Haidari | work books
jedda | Jedda Whitlock | sky sea
joao | João Nascimento | music bikes
kamala | Kamala Devkota | sea run
kasper | Kasper Nyborg | code repair
kwame | Kwame Asante-Boateng | city music
laila | Laila Haddad | kitchen home
lars.p | Lars Petter Rønning | repair sky
leilani | Leilani Kahananui | sea music
lena | Lena Grabowski | code words
luis | Luis Huamán | garden work
maarten | Maarten van der Velde | bikes city
magda | Magda Ionescu | home books
malik | Malik Thompson-Okafor | film run
maren | Maren Jessen | pets work
mateo | Mateo Villaseñor | craft repair
mina | Mina Farahani | words film
mirela | Mirela Dragomir | music home
moses | Moses Kiprono | run sky
nadia | Nadia Bouchareb | books kitchen
nils | Nils Åkerström | pets repair
noor | Noor van Rijswijk | city craft
olga | Olga Timoshenko | garden words
omar | Omar Sallam | work film
paloma | Paloma Arriaga | city books
priya | Priya Raghunathan | sky code
quynh | Nguyễn Thị Quỳnh | kitchen craft
rafael | Rafael Monteverde | bikes home
ravi | Ravi Jayasuriya | sea words
runa | Rúna Joensen | craft sky
samira | Samira Tahiri | home pets
sean | Seán Mac Giolla | music words
soledad | Soledad Ibarra | film garden
stellan | Stellan Ahlgren | run bikes
tamar | Tamar Gelashvili | kitchen books
tariq | Tariq Al-Jaberi | code city
teodor | Teodor Wiśniewski | repair work
thandiwe | Thandiwe Mokoena | work music
ulrike | Ulrike Seitz | sky pets
viktor | Viktor Lindgren-Sato | bikes film
yara | Yara Benítez | garden home
"""

PEOPLE: tuple[Person, ...] = tuple(
    Person(user_id, name, tuple(themes.split()))
    for user_id, name, themes in (line.split(" | ") for line in _PEOPLE.strip().splitlines())
)
