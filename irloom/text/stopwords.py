"""Stop words by language: function words that carry no topic. A language without a list has none."""

from functools import cache
from typing import Final

_LISTS: Final = {
    "danish": "af alle andet at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter eller en end er et "
    "for fra ham han hans har havde have hende hendes her hos hun hvad hvis hvor i ikke ind jeg jer jo kunne man mange med meget men "
    "mig min mine mit mod ned noget nogle nu når og også om op os over på selv sig sin sine sit skal skulle som sådan thi til ud under "
    "var vi vil ville vor være været",
    "dutch": "aan al alles als andere bij daar dan dat de der deze die dit doch doen door dus een en er ge geen had heb hebben heeft "
    "hem het hier hij hoe hun iemand iets ik in is ja je kan kon kunnen maar me meer men met mij mijn moet na naar niet niets nog nu of "
    "om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat werd wezen wie wil worden "
    "wordt zal ze zelf zich zij zijn zo zonder zou",
    "english": "a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was "
    "will with",
    "finnish": "ei eivät en et että emme ette hän häneen hänellä hänelle hänen hänet he heidän heille heitä ja joka jos jotka joten "
    "kanssa kuin kun me meidän meille mikä mitä minun minut minä minulle mukaan mutta myös ne niiden niin niitä nuo nyt ole oli olla "
    "olleet ollut on ovat olen olet olemme olette se sen siihen siinä sinun sinut sinä sitä tai te tämä tämän tätä tuo vaan vai vaikka",
    "french": "a à ai aient aies ait as au aura aurait aux avaient avait avec avoir ayant c ce ces cet cette d dans de des du elle elles "
    "en es est et étaient était étant été être eu eux fut il ils j je l la le les leur leurs lui m ma mais me même mes moi mon n ne nos "
    "notre nous on ont ou où par pas pour qu que qui s sa se sera serait ses si soi sois soit son sont sous suis sur t ta te tes toi "
    "ton tu un une vos votre vous y",
    "german": "aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei bin bis "
    "bist da damit dann das dass daß dein deine deinem deinen deiner dem den denn der des dich die dies diese diesem diesen dieser "
    "dieses dir doch dort du durch ein eine einem einen einer eines einige einigen einiger er es etwas euch euer eure für gegen habe "
    "haben hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in indem ins ist jede jedem jeden jeder "
    "jedes jene jener jenes kann kein keine keinem keinen keiner können man manche mein meine meinem meinen meiner mich mir mit muss "
    "nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen seiner sich sie sind so solche soll sondern sonst über "
    "um und uns unser unsere unter viel vom von vor während war waren warst was weg weil weiter welche welchem welchen welcher welches "
    "wenn werde werden wie wieder will wir wird wirst wo wollen würde würden zu zum zur zwar zwischen",
    "hungarian": "a ahogy ahol aki akik akkor alatt által általában amely amelyek amelyet amikor ami arra át az azért azok azon azonban "
    "aztán azt be csak de e ebben egy egyes egyéb ehhez ekkor el ellen előtt én és erre ez ezek ezen ezért ezt fel ha hanem hogy hogyan "
    "igen így ill is itt jó ki kívül között le legyen lehet lesz lett maga már más meg mely melyek mert mi mind minden mint mit nagy ne "
    "néha nem nincs ő ők össze pedig s sem sok soha szemben szerint szinte talán te több új után úgy vagy vagyok valaki valami van "
    "vannak vele viszont volt voltak volna",
    "italian": "a abbia abbiamo ad agli ai al alla alle allo anche avere aveva c che chi ci come con contro cui da dagli dai dal dalla "
    "dalle dallo degli dei del dell della delle dello di dove e è ed era erano essere fa fu gli ha hai hanno ho i il in io l la le lei "
    "li lo loro lui ma mi mia mie miei mio ne negli nei nel nella nelle nello noi non nostra nostro o per perché più quale quanto "
    "quella quelle quelli quello questa queste questi questo sarà se sei si sia siamo sono sta stata stato su sua sue sugli sui sul "
    "sulla sulle suo suoi ti tra tu tua tuo tutti tutto un una uno vi voi",
    "norwegian": "alle at av bare begge ble blei bli blir da de deg dei deira dem den denne der dere deres det dette di din disse du eg "
    "ein eit eller elles en enn er et ett for fordi fra før ha hadde han hans har hennes her hjå ho hun hva hvem hver hvilken hvis hvor "
    "hvordan hvorfor i ikke ikkje inn ja jeg kan kom kun kunne man mange me med meg men mi min mitt mot må nå når ned no noe noen nokon "
    "og også om opp oss over på så samme seg selv si sia sin sine sitt skal skulle slik som somme til um under ut uten var vart ved "
    "vere verte vi vil ville vor være vært å",
    "portuguese": "a à ao aos aquela aquelas aquele aqueles aquilo as às até com como da das de dela delas dele deles depois do dos e é "
    "ela elas ele eles em entre era eram essa essas esse esses esta está estão estas estava este estes eu foi for foram há isso isto já "
    "lhe lhes mais mas me mesmo meu meus minha minhas muito na não nas nem no nos nós nossa nossas nosso nossos num numa o os ou para "
    "pela pelas pelo pelos por qual quando que quem se seja sem ser será seu seus só sua suas também te tem têm teu tinha tu tua um uma "
    "você vocês vos",
    "russian": "а без более больше будет будто бы был была были было быть в вам вас вдруг ведь во вот впрочем все всегда всего всех всю "
    "вы где да даже для до другой его ее ей ему если есть еще ж же за здесь и из или им иногда их к как какая какой когда конечно кто "
    "куда ли лучше между меня мне много может можно мой моя мы на над надо наконец нас не него нее ней нельзя нет ни нибудь никогда ним "
    "них ничего но ну о об один он она они опять от перед по под после потом потому почти при про раз разве с сам свою себе себя со так "
    "такой там тебя тем теперь то тогда того тоже только том тот тут ты у уж уже хоть чего чем через что чтоб чтобы чуть эти этого этой "
    "этом этот эту я",
    "spanish": "a al algo algunas algunos ante antes aquel como con contra cual cuando de del desde donde durante e el él ella ellas "
    "ellos en entre era eran es esa esas ese eso esos esta está están estaba estas este esto estos fue fueron ha había han hasta hay la "
    "las le les lo los más me mi mí mis mucho muchos muy nada ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero "
    "poco por porque que qué quien quienes se sea ser si sí sin sobre son su sus también tanto te tiene tienen todo todos tu tus un una "
    "uno unos vosotros y ya yo",
    "swedish": "alla allt att av blev bli blir de dem den denna deras dess dessa det detta dig din dina ditt du där då efter ej eller "
    "en er era ert ett från för ha hade han hans har henne hennes hon honom hur här i icke ingen inom inte jag ju kan kunde man med "
    "mellan men mig min mina mitt mot mycket ni nu när någon något några och om oss på samma sedan sig sin sina sitta själv skulle som "
    "så sådan till under upp ut utan vad var vara varför varit varje vars vem vi vid vilka vilken vår våra å än är åt över",
}


@cache
def stopwords(language: str) -> frozenset[str]:
    """The stop words of a Snowball language, lower case and composed; empty where the house has no list.

    English has the 33 words of Lucene's EnglishAnalyzer.
    """
    return frozenset(_LISTS.get(language, "").split())
