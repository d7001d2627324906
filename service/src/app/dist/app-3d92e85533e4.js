var Re=globalThis,Me=Re.ShadowRoot&&(Re.ShadyCSS===void 0||Re.ShadyCSS.nativeShadow)&&"adoptedStyleSheets"in Document.prototype&&"replace"in CSSStyleSheet.prototype,ht=Symbol(),Ht=new WeakMap,he=class{constructor(e,t,n){if(this._$cssResult$=!0,n!==ht)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,t=this.t;if(Me&&e===void 0){let n=t!==void 0&&t.length===1;n&&(e=Ht.get(t)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),n&&Ht.set(t,e))}return e}toString(){return this.cssText}},Wt=s=>new he(typeof s=="string"?s:s+"",void 0,ht),x=(s,...e)=>{let t=s.length===1?s[0]:e.reduce((n,r,o)=>n+(i=>{if(i._$cssResult$===!0)return i.cssText;if(typeof i=="number")return i;throw Error("Value passed to 'css' function must be a 'css' function result: "+i+". Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.")})(r)+s[o+1],s[0]);return new he(t,s,ht)},Bt=(s,e)=>{if(Me)s.adoptedStyleSheets=e.map(t=>t instanceof CSSStyleSheet?t:t.styleSheet);else for(let t of e){let n=document.createElement("style"),r=Re.litNonce;r!==void 0&&n.setAttribute("nonce",r),n.textContent=t.cssText,s.appendChild(n)}},mt=Me?s=>s:s=>s instanceof CSSStyleSheet?(e=>{let t="";for(let n of e.cssRules)t+=n.cssText;return Wt(t)})(s):s;var{is:Xn,defineProperty:es,getOwnPropertyDescriptor:ts,getOwnPropertyNames:ns,getOwnPropertySymbols:ss,getPrototypeOf:rs}=Object,Le=globalThis,Gt=Le.trustedTypes,os=Gt?Gt.emptyScript:"",is=Le.reactiveElementPolyfillSupport,me=(s,e)=>s,ft={toAttribute(s,e){switch(e){case Boolean:s=s?os:null;break;case Object:case Array:s=s==null?s:JSON.stringify(s)}return s},fromAttribute(s,e){let t=s;switch(e){case Boolean:t=s!==null;break;case Number:t=s===null?null:Number(s);break;case Object:case Array:try{t=JSON.parse(s)}catch{t=null}}return t}},Vt=(s,e)=>!Xn(s,e),Ft={attribute:!0,type:String,converter:ft,reflect:!1,useDefault:!1,hasChanged:Vt};Symbol.metadata??=Symbol("metadata"),Le.litPropertyMetadata??=new WeakMap;var U=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=Ft){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&es(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:o}=ts(this.prototype,e)??{get(){return this[t]},set(i){this[t]=i}};return{get:r,set(i){let a=r?.call(this);o?.call(this,i),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??Ft}static _$Ei(){if(this.hasOwnProperty(me("elementProperties")))return;let e=rs(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(me("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(me("properties"))){let t=this.properties,n=[...ns(t),...ss(t)];for(let r of n)this.createProperty(r,t[r])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[n,r]of t)this.elementProperties.set(n,r)}this._$Eh=new Map;for(let[t,n]of this.elementProperties){let r=this._$Eu(t,n);r!==void 0&&this._$Eh.set(r,t)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let r of n)t.unshift(mt(r))}else e!==void 0&&t.push(mt(e));return t}static _$Eu(e,t){let n=t.attribute;return n===!1?void 0:typeof n=="string"?n:typeof e=="string"?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return Bt(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&n.reflect===!0){let o=(n.converter?.toAttribute!==void 0?n.converter:ft).toAttribute(t,n.type);this._$Em=e,o==null?this.removeAttribute(r):this.setAttribute(r,o),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let o=n.getPropertyOptions(r),i=typeof o.converter=="function"?{fromAttribute:o.converter}:o.converter?.fromAttribute!==void 0?o.converter:ft;this._$Em=r;let a=i.fromAttribute(t,o.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,o){if(e!==void 0){let i=this.constructor;if(r===!1&&(o=this[e]),n??=i.getPropertyOptions(e),!((n.hasChanged??Vt)(o,t)||n.useDefault&&n.reflect&&o===this._$Ej?.get(e)&&!this.hasAttribute(i._$Eu(e,n))))return;this.C(e,t,n)}this.isUpdatePending===!1&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:o},i){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,i??t??this[e]),o!==!0||i!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),r===!0&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(t){Promise.reject(t)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[r,o]of this._$Ep)this[r]=o;this._$Ep=void 0}let n=this.constructor.elementProperties;if(n.size>0)for(let[r,o]of n){let{wrapped:i}=o,a=this[r];i!==!0||this._$AL.has(r)||a===void 0||this.C(r,void 0,o,a)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(n=>n.hostUpdate?.()),this.update(t)):this._$EM()}catch(n){throw e=!1,this._$EM(),n}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(t=>t.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(t=>this._$ET(t,this[t])),this._$EM()}updated(e){}firstUpdated(e){}};U.elementStyles=[],U.shadowRootOptions={mode:"open"},U[me("elementProperties")]=new Map,U[me("finalized")]=new Map,is?.({ReactiveElement:U}),(Le.reactiveElementVersions??=[]).push("2.1.2");var yt=globalThis,Kt=s=>s,ze=yt.trustedTypes,Zt=ze?ze.createPolicy("lit-html",{createHTML:s=>s}):void 0,vt="$lit$",D=`lit$${Math.random().toFixed(9).slice(2)}$`,bt="?"+D,as=`<${bt}>`,te=document,ge=()=>te.createComment(""),ye=s=>s===null||typeof s!="object"&&typeof s!="function",wt=Array.isArray,tn=s=>wt(s)||typeof s?.[Symbol.iterator]=="function",gt=`[ 	
\f\r]`,fe=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Jt=/-->/g,Yt=/>/g,X=RegExp(`>|${gt}(?:([^\\s"'>=/]+)(${gt}*=${gt}*(?:[^ 	
\f\r"'\`<>=]|("|')|))|$)`,"g"),Qt=/'/g,Xt=/"/g,nn=/^(?:script|style|textarea|title)$/i,_t=s=>(e,...t)=>({_$litType$:s,strings:e,values:t}),m=_t(1),M=_t(2),Gs=_t(3),H=Symbol.for("lit-noChange"),y=Symbol.for("lit-nothing"),en=new WeakMap,ee=te.createTreeWalker(te,129);function sn(s,e){if(!wt(s)||!s.hasOwnProperty("raw"))throw Error("invalid template strings array");return Zt!==void 0?Zt.createHTML(e):e}var rn=(s,e)=>{let t=s.length-1,n=[],r,o=e===2?"<svg>":e===3?"<math>":"",i=fe;for(let a=0;a<t;a++){let l=s[a],d,p,c=-1,f=0;for(;f<l.length&&(i.lastIndex=f,p=i.exec(l),p!==null);)f=i.lastIndex,i===fe?p[1]==="!--"?i=Jt:p[1]!==void 0?i=Yt:p[2]!==void 0?(nn.test(p[2])&&(r=RegExp("</"+p[2],"g")),i=X):p[3]!==void 0&&(i=X):i===X?p[0]===">"?(i=r??fe,c=-1):p[1]===void 0?c=-2:(c=i.lastIndex-p[2].length,d=p[1],i=p[3]===void 0?X:p[3]==='"'?Xt:Qt):i===Xt||i===Qt?i=X:i===Jt||i===Yt?i=fe:(i=X,r=void 0);let h=i===X&&s[a+1].startsWith("/>")?" ":"";o+=i===fe?l+as:c>=0?(n.push(d),l.slice(0,c)+vt+l.slice(c)+D+h):l+D+(c===-2?a:h)}return[sn(s,o+(s[t]||"<?>")+(e===2?"</svg>":e===3?"</math>":"")),n]},ve=class s{constructor({strings:e,_$litType$:t},n){let r;this.parts=[];let o=0,i=0,a=e.length-1,l=this.parts,[d,p]=rn(e,t);if(this.el=s.createElement(d,n),ee.currentNode=this.el.content,t===2||t===3){let c=this.el.content.firstChild;c.replaceWith(...c.childNodes)}for(;(r=ee.nextNode())!==null&&l.length<a;){if(r.nodeType===1){if(r.hasAttributes())for(let c of r.getAttributeNames())if(c.endsWith(vt)){let f=p[i++],h=r.getAttribute(c).split(D),v=/([.?@])?(.*)/.exec(f);l.push({type:1,index:o,name:v[2],strings:h,ctor:v[1]==="."?Ne:v[1]==="?"?je:v[1]==="@"?Ie:se}),r.removeAttribute(c)}else c.startsWith(D)&&(l.push({type:6,index:o}),r.removeAttribute(c));if(nn.test(r.tagName)){let c=r.textContent.split(D),f=c.length-1;if(f>0){r.textContent=ze?ze.emptyScript:"";for(let h=0;h<f;h++)r.append(c[h],ge()),ee.nextNode(),l.push({type:2,index:++o});r.append(c[f],ge())}}}else if(r.nodeType===8)if(r.data===bt)l.push({type:2,index:o});else{let c=-1;for(;(c=r.data.indexOf(D,c+1))!==-1;)l.push({type:7,index:o}),c+=D.length-1}o++}}static createElement(e,t){let n=te.createElement("template");return n.innerHTML=e,n}};function ne(s,e,t=s,n){if(e===H)return e;let r=n!==void 0?t._$Co?.[n]:t._$Cl,o=ye(e)?void 0:e._$litDirective$;return r?.constructor!==o&&(r?._$AO?.(!1),o===void 0?r=void 0:(r=new o(s),r._$AT(s,t,n)),n!==void 0?(t._$Co??=[])[n]=r:t._$Cl=r),r!==void 0&&(e=ne(s,r._$AS(s,e.values),r,n)),e}var Oe=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??te).importNode(t,!0);ee.currentNode=r;let o=ee.nextNode(),i=0,a=0,l=n[0];for(;l!==void 0;){if(i===l.index){let d;l.type===2?d=new ae(o,o.nextSibling,this,e):l.type===1?d=new l.ctor(o,l.name,l.strings,this,e):l.type===6&&(d=new qe(o,this,e)),this._$AV.push(d),l=n[++a]}i!==l?.index&&(o=ee.nextNode(),i++)}return ee.currentNode=te,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings!==void 0?(n._$AI(e,n,t),t+=n.strings.length-2):n._$AI(e[t])),t++}},ae=class s{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=y,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=ne(this,e,t),ye(e)?e===y||e==null||e===""?(this._$AH!==y&&this._$AR(),this._$AH=y):e!==this._$AH&&e!==H&&this._(e):e._$litType$!==void 0?this.$(e):e.nodeType!==void 0?this.T(e):tn(e)?this.k(e):this._(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==y&&ye(this._$AH)?this._$AA.nextSibling.data=e:this.T(te.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n=="number"?this._$AC(e):(n.el===void 0&&(n.el=ve.createElement(sn(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let o=new Oe(r,this),i=o.u(this.options);o.p(t),this.T(i),this._$AH=o}}_$AC(e){let t=en.get(e.strings);return t===void 0&&en.set(e.strings,t=new ve(e)),t}k(e){wt(this._$AH)||(this._$AH=[],this._$AR());let t=this._$AH,n,r=0;for(let o of e)r===t.length?t.push(n=new s(this.O(ge()),this.O(ge()),this,this.options)):n=t[r],n._$AI(o),r++;r<t.length&&(this._$AR(n&&n._$AB.nextSibling,r),t.length=r)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let n=Kt(e).nextSibling;Kt(e).remove(),e=n}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},se=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,o){this.type=1,this._$AH=y,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=o,n.length>2||n[0]!==""||n[1]!==""?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=y}_$AI(e,t=this,n,r){let o=this.strings,i=!1;if(o===void 0)e=ne(this,e,t,0),i=!ye(e)||e!==this._$AH&&e!==H,i&&(this._$AH=e);else{let a=e,l,d;for(e=o[0],l=0;l<o.length-1;l++)d=ne(this,a[n+l],t,l),d===H&&(d=this._$AH[l]),i||=!ye(d)||d!==this._$AH[l],d===y?e=y:e!==y&&(e+=(d??"")+o[l+1]),this._$AH[l]=d}i&&!r&&this.j(e)}j(e){e===y?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??"")}},Ne=class extends se{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===y?void 0:e}},je=class extends se{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==y)}},Ie=class extends se{constructor(e,t,n,r,o){super(e,t,n,r,o),this.type=5}_$AI(e,t=this){if((e=ne(this,e,t,0)??y)===H)return;let n=this._$AH,r=e===y&&n!==y||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,o=e!==y&&(n===y||r);r&&this.element.removeEventListener(this.name,this,n),o&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH=="function"?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},qe=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){ne(this,e)}},on={M:vt,P:D,A:bt,C:1,L:rn,R:Oe,D:tn,V:ne,I:ae,H:se,N:je,U:Ie,B:Ne,F:qe},ls=yt.litHtmlPolyfillSupport;ls?.(ve,ae),(yt.litHtmlVersions??=[]).push("3.3.3");var an=(s,e,t)=>{let n=t?.renderBefore??e,r=n._$litPart$;if(r===void 0){let o=t?.renderBefore??null;n._$litPart$=r=new ae(e.insertBefore(ge(),o),o,void 0,t??{})}return r._$AI(s),r};var $t=globalThis,N=class extends U{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=an(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return H}};N._$litElement$=!0,N.finalized=!0,$t.litElementHydrateSupport?.({LitElement:N});var cs=$t.litElementPolyfillSupport;cs?.({LitElement:N});($t.litElementVersions??=[]).push("4.2.2");var ln={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},cn=s=>(...e)=>({_$litDirective$:s,values:e}),Ue=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}};var{I:ds}=on,dn=s=>s;var pn=()=>document.createComment(""),le=(s,e,t)=>{let n=s._$AA.parentNode,r=e===void 0?s._$AB:e._$AA;if(t===void 0){let o=n.insertBefore(pn(),r),i=n.insertBefore(pn(),r);t=new ds(o,i,s,s.options)}else{let o=t._$AB.nextSibling,i=t._$AM,a=i!==s;if(a){let l;t._$AQ?.(s),t._$AM=s,t._$AP!==void 0&&(l=s._$AU)!==i._$AU&&t._$AP(l)}if(o!==r||a){let l=t._$AA;for(;l!==o;){let d=dn(l).nextSibling;dn(n).insertBefore(l,r),l=d}}}return t},K=(s,e,t=s)=>(s._$AI(e,t),s),ps={},un=(s,e=ps)=>s._$AH=e,hn=s=>s._$AH,De=s=>{s._$AR(),s._$AA.remove()};var mn=(s,e,t)=>{let n=new Map;for(let r=e;r<=t;r++)n.set(s[r],r);return n},Z=cn(class extends Ue{constructor(s){if(super(s),s.type!==ln.CHILD)throw Error("repeat() can only be used in text expressions")}dt(s,e,t){let n;t===void 0?t=e:e!==void 0&&(n=e);let r=[],o=[],i=0;for(let a of s)r[i]=n?n(a,i):i,o[i]=t(a,i),i++;return{values:o,keys:r}}render(s,e,t){return this.dt(s,e,t).values}update(s,[e,t,n]){let r=hn(s),{values:o,keys:i}=this.dt(e,t,n);if(!Array.isArray(r))return this.ut=i,o;let a=this.ut??=[],l=[],d,p,c=0,f=r.length-1,h=0,v=o.length-1;for(;c<=f&&h<=v;)if(r[c]===null)c++;else if(r[f]===null)f--;else if(a[c]===i[h])l[h]=K(r[c],o[h]),c++,h++;else if(a[f]===i[v])l[v]=K(r[f],o[v]),f--,v--;else if(a[c]===i[v])l[v]=K(r[c],o[v]),le(s,l[v+1],r[c]),c++,v--;else if(a[f]===i[h])l[h]=K(r[f],o[h]),le(s,r[c],r[f]),f--,h++;else if(d===void 0&&(d=mn(i,h,v),p=mn(a,c,f)),d.has(a[c]))if(d.has(a[f])){let g=p.get(i[h]),w=g!==void 0?r[g]:null;if(w===null){let _=le(s,r[c]);K(_,o[h]),l[h]=_}else l[h]=K(w,o[h]),le(s,r[c],w),r[g]=null;h++}else De(r[f]),f--;else De(r[c]),c++;for(;h<=v;){let g=le(s,l[v+1]);K(g,o[h]),l[h++]=g}for(;c<=f;){let g=r[c++];g!==null&&De(g)}return this.ut=i,un(s,l),H}});var fn={talking:"Hovoří",waiting:"Čeká",unhappy:"Nespokojení",longest_waiting:"nejdéle {time}",nobody_waits:"nikdo nečeká",unhappy_calls:{one:"{n} hovor potřebuje pozornost",few:"{n} hovory potřebují pozornost",other:"{n} hovorů potřebuje pozornost"},all_calm:"vše v klidu",on_calls:{one:"{n} hovor",few:"{n} hovory",other:"{n} hovorů"},last_hour:"Poslední hodina",ended_calls:{one:"{n} ukončený hovor",few:"{n} ukončené hovory",other:"{n} ukončených hovorů"},answered_rate:"{rate} přijato",talk_average:"průměrně {time} hovoru",live_calls:"Právě probíhá",find_call:"Najít operátora nebo číslo",no_calls:"Teď neprobíhá žádný hovor.",no_calls_found:"Hledání neodpovídá žádný hovor.",first_shown:{one:"Zobrazen je jen nejnovější hovor.",few:"Zobrazeny jsou jen {n} nejnovější hovory.",other:"Zobrazeno je jen {n} nejnovějších hovorů."},no_agent:"Zatím bez operátora",inbound:"z čísla",outbound:"na číslo",now:"teď",queued:"Ve frontě",ringing:"Vyzvání",in_progress:"Hovoří",completed:"Dokončen",failed:"Selhal",no_answer:"Bez odpovědi",busy:"Obsazeno",rejected:"Odmítnut",canceled:"Zrušen",positive:"Pozitivní",neutral:"Neutrální",mixed:"Smíšená",negative:"Negativní",customer:"Zákazník",agent:"Operátor",system:"Systém",began:"Začátek",lasted:"Trval",from:"Z čísla",to:"Na číslo",language:"Jazyk",outcome:"Výsledek",mood_over_time:"Nálada během hovoru",mood_summary:{one:"{n} analýza; poslední: {label}.",few:"{n} analýzy; poslední: {label}.",other:"{n} analýz; poslední: {label}."},no_moods:"Náladu tohoto hovoru zatím nikdo neurčil.",as_table:"Jako tabulka",time:"Čas",who:"Kdo",mood:"Nálada",score:"Skóre",transcript:"Přepis",no_transcript:"Zatím není nic zapsáno.",partial:"ještě se rozpoznává",loading:"Načítá se…",campaigns:"Kampaně",no_campaigns:"Neběží žádná kampaň.",contacts_done:{one:"vyřízeno {done} z {n} kontaktu",few:"vyřízeno {done} ze {n} kontaktů",other:"vyřízeno {done} z {n} kontaktů"},reached:"zastiženo",on_their_way:"právě se volá",not_reached:"nezastiženo",skipped:"vynecháno",pending:"zbývá zavolat",paused:"Pozastavena",alerts:"Upozornění",no_alerts:"Žádná upozornění. Objeví se tu hovory, které se zvrtnou.",alert_call:"{agent}: celý hovor byl negativní",alert_segment:"{agent}: {party} není spokojen",customer_inline:"zákazník",agent_inline:"operátor",somebody:"Hovor",lost_since:"Spojení je přerušeno od {time}. Vidíte stav z té doby; připojení se zkouší samo.",slowed:"Služba žádá o méně dotazů, takže údaje mohou být opožděné. Obnoví se to samo.",choose_language:"Jazyk"};var gn={talking:"Talking",waiting:"Waiting",unhappy:"Unhappy",longest_waiting:"longest {time}",nobody_waits:"nobody waits",unhappy_calls:{one:"{n} call to look at",other:"{n} calls to look at"},all_calm:"all calm",on_calls:{one:"{n} call",other:"{n} calls"},last_hour:"Last hour",ended_calls:{one:"{n} call ended",other:"{n} calls ended"},answered_rate:"{rate} answered",talk_average:"{time} of talk on average",live_calls:"Calls now",find_call:"Find an agent or a number",no_calls:"No calls at the moment.",no_calls_found:"No call fits what you look for.",first_shown:{one:"Only the newest call is shown.",other:"Only the newest {n} calls are shown."},no_agent:"No agent yet",inbound:"from",outbound:"to",now:"now",queued:"Queued",ringing:"Ringing",in_progress:"Talking",completed:"Completed",failed:"Failed",no_answer:"No answer",busy:"Busy",rejected:"Rejected",canceled:"Canceled",positive:"Positive",neutral:"Neutral",mixed:"Mixed",negative:"Negative",customer:"Customer",agent:"Agent",system:"System",began:"Began",lasted:"Lasted",from:"From",to:"To",language:"Language",outcome:"Outcome",mood_over_time:"Mood over the call",mood_summary:{one:"{n} analysis; the last one is {label}.",other:"{n} analyses; the last one is {label}."},no_moods:"Nobody has told a mood of this call yet.",as_table:"As a table",time:"Time",who:"Who",mood:"Mood",score:"Score",transcript:"Transcript",no_transcript:"Nothing has been written down yet.",partial:"still being recognised",loading:"Loading…",campaigns:"Campaigns",no_campaigns:"No campaign is running.",contacts_done:{one:"{done} of {n} contact done",other:"{done} of {n} contacts done"},reached:"reached",on_their_way:"on their way",not_reached:"not reached",skipped:"left out",pending:"to be called",paused:"Paused",alerts:"Alerts",no_alerts:"No alerts. Calls that turn negative show up here.",alert_call:"{agent}: the whole call was negative",alert_segment:"{agent}: the {party} is unhappy",customer_inline:"customer",agent_inline:"agent",somebody:"A call",lost_since:"Connection lost since {time}. You see how it was then; trying again by itself.",slowed:"The service asks for fewer requests, so what you see may be behind. It goes on by itself.",choose_language:"Language"};var be=new Map([["en","English"],["cs","Čeština"]]),us={en:gn,cs:fn},kt=new EventTarget,re=yn(globalThis.navigator?.languages??[]);function L(){return re}function we(s){s!==re&&(re=s,kt.dispatchEvent(new Event("change")))}function _e(s){return kt.addEventListener("change",s),()=>kt.removeEventListener("change",s)}function yn(s){for(let e of s){let t=e.toLowerCase().split("-")[0];if(t==="en"||t==="cs")return t}return"en"}function u(s,e={}){return He(us[re][s],e)}function He(s,e={}){return(typeof s=="string"?s:s[new Intl.PluralRules(re).select(Number(e.n))]??s.other).replace(/\{(\w+)\}/g,(n,r)=>{let o=e[r]??"";return typeof o=="number"?We(o):o})}function $e(){return globalThis.navigator?.languages?.find(s=>s.split("-")[0]===re)??re}function We(s){return new Intl.NumberFormat($e(),{maximumFractionDigits:2}).format(s)}function ke(s){return new Intl.NumberFormat($e(),{style:"percent",maximumFractionDigits:0}).format(s)}function W(s){let e=new Date().toDateString()===s.toDateString();return new Intl.DateTimeFormat($e(),{timeStyle:"short",...e?{}:{dateStyle:"medium"}}).format(s)}function xt(s){return new Intl.NumberFormat($e(),{style:"unit",unit:"minute",unitDisplay:"short"}).format(s)}function vn(s){return new Intl.RelativeTimeFormat($e()).format(-s,"minute")}function P(s){let e=Math.max(0,Math.floor(s)),t=i=>String(i).padStart(2,"0"),[n,r,o]=[Math.floor(e/3600),Math.floor(e/60)%60,e%60];return n>0?`${n}:${t(r)}:${t(o)}`:`${r}:${t(o)}`}var hs=/^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{6}([\da-f]{6})$/;function oe(s,e,t=u("no_agent")){return s?e.get(s)??s.replace(hs,"…$1"):t}var bn=x`
:host {
--_paper: var(--cc-paper, light-dark(#f5f3ee, #121512));
--_raised: var(--cc-raised, light-dark(#fffefb, #1a1e1b));
--_ink: var(--cc-ink, light-dark(#1c211d, #eceee7));
--_quiet: var(--cc-quiet, light-dark(#5a615b, #9fa89f));
--_line: var(--cc-line, light-dark(#dcd8cd, #2d332e));
--_accent: var(--cc-accent, light-dark(#0b6459, #5fc7b4));
--_wait: var(--cc-wait, light-dark(#8a5300, #efb04e));
--_wait-paper: var(--cc-wait-paper, light-dark(#f6e9cb, #362a12));
--_good: var(--cc-good, light-dark(#2f6b1f, #8fca75));
--_bad: var(--cc-bad, light-dark(#b3261e, #ff8f80));
--_bad-paper: var(--cc-bad-paper, light-dark(#fbe4df, #40201c));
--_font: var(--cc-font, system-ui, sans-serif);
--_figures: var(--cc-font-figures, var(--_font));
display: block;
color: var(--_ink);
font-family: var(--_font);
line-height: 1.4;
overflow-wrap: anywhere;
font-variant-numeric: tabular-nums;
}
:host([hidden]) {
display: none;
}
*,
*::before,
*::after {
box-sizing: border-box;
}
h2,
h3,
p,
ul,
ol,
dl,
dd,
figure {
margin: 0;
padding: 0;
}
ul,
ol {
list-style: none;
}
h2 {
padding-block-end: 0.5rem;
font-size: 1.15rem;
font-weight: 600;
}
li,
.empty {
border-block-start: 1px solid var(--_line);
}
li > button {
display: grid;
inline-size: 100%;
border: 0;
background: none;
text-align: start;
}
li > button:hover {
background: var(--_raised);
}
.empty {
padding: 0.8rem 0;
color: var(--_quiet);
}
button,
input,
select {
font: inherit;
color: inherit;
}
button {
cursor: pointer;
}
:focus-visible {
outline: 3px solid var(--_accent);
outline-offset: 2px;
}
.quiet {
color: var(--_quiet);
}
.hidden {
position: absolute;
inline-size: 1px;
block-size: 1px;
overflow: hidden;
clip-path: inset(50%);
white-space: nowrap;
}
`;var A=class extends N{static styles=[bn];#e=null;connectedCallback(){super.connectedCallback(),this.#e=_e(()=>this.requestUpdate())}disconnectedCallback(){super.disconnectedCallback(),this.#e?.()}},T=class extends A{#e;connectedCallback(){super.connectedCallback(),this.#e=setInterval(()=>this.requestUpdate(),1e3)}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.#e)}};function E(s,e){customElements.get(s)||customElements.define(s,e)}function Be(s,e){s.dispatchEvent(new CustomEvent("cc-lite-open",{detail:e,bubbles:!0,composed:!0}))}var ms={positive:M`<path d="M8 2.5 14 13H2z" fill="var(--_good)"/>`,neutral:M`<circle cx="8" cy="8" r="4.5" fill="none" stroke="var(--_quiet)" stroke-width="2.2"/>`,mixed:M`<path d="M8 2 14 8 8 14 2 8z" fill="none" stroke="var(--_wait)" stroke-width="2.2"/>`,negative:M`<path d="M8 13.5 2 3h12z" fill="var(--_bad)"/>`};function j(s,e=!1){return m`<span class="mood ${s}" part="mood"
><svg viewBox="0 0 16 16" width="1em" height="1em" aria-hidden="true">${ms[s]}</svg
><span class=${e?"":"hidden"}>${u(s)}</span></span
>`}function wn(s,e=!1){return s?j(s.label,e):y}var Ge=class extends T{static properties={alerts:{attribute:!1},names:{attribute:!1},skew:{type:Number}};constructor(){super(),this.alerts=[],this.names=new Map,this.skew=0}static styles=[...T.styles,x`
button {
grid-template-columns: 1.6rem minmax(0, 1fr) auto;
gap: 0.6rem;
align-items: baseline;
min-block-size: 2.75rem;
padding: 0.55rem 0.2rem;
}
.mood svg {
translate: 0 0.12em;
}
.when {
color: var(--_quiet);
font-size: 0.9rem;
white-space: nowrap;
}
`];render(){return m`
<h2>${u("alerts")}</h2>
<div role="log" aria-label=${u("alerts")}>
${this.alerts.length===0?m`<p class="empty" part="empty">${u("no_alerts")}</p>`:m`<ul>
${Z(this.alerts,e=>e.id,e=>this.#e(e))}
</ul>`}
</div>
`}#e(e){let t=oe(e.agent_id,this.names,u("somebody")),n=u(e.party==="agent"?"agent_inline":"customer_inline");return m`<li>
<button part="alert" data-call=${e.call_id} @click=${()=>Be(this,e.call_id)}>
${j("negative")}
<span>${u(e.whole_call?"alert_call":"alert_segment",{agent:t,party:n})}</span>
<time class="when" datetime=${e.at}>${this.#t(e)}</time>
</button>
</li>`}#t(e){let t=Math.floor((Date.now()+this.skew-Date.parse(e.at))/6e4);return t<1?u("now"):t<60?vn(t):W(new Date(e.at))}};E("cc-lite-alerts",Ge);var Fe={stats:null,calls:new Map,truncated:!1,moods:new Map,alerts:[],campaigns:null,connection:{state:"connecting",lost_since:null},skew:0};function R(s){return s.status==="queued"||s.status==="ringing"||s.status==="in_progress"}function St(s,e){let t=s.calls.get(e.id);return t&&t.version>e.version?s:{...s,calls:new Map(s.calls).set(e.id,e)}}function Ve(s,e){let[t,n]=[new Map(s.calls),new Map(s.moods)];for(let r of e)t.delete(r),n.delete(r);return{...s,calls:t,moods:n}}function At(s,e,t){let n=s.moods.get(e);return n&&n.id>t.id?s:{...s,moods:new Map(s.moods).set(e,t)}}function Et(s,e){let n=[...new Map([...s.alerts,...e].map(r=>[r.id,r])).values()].sort((r,o)=>Date.parse(o.at)-Date.parse(r.at)).slice(0,30);return{...s,alerts:n}}function Ke(s){return[...s.calls.values()].filter(e=>R(e)&&s.moods.get(e.id)?.label==="negative")}function Ct(s,e){return s.id<e.id?-1:1}function xe(s){return s.filter(t=>t.status==="analyzed").sort((t,n)=>Ct(t,n))}function _n(s,e){let t=xe(e),n=t.filter(a=>a.party==="customer").at(-1),r=n?.label?{id:n.id,label:n.label,score:n.score??0}:null,o=new Map,i=[];for(let a of t){let l=!a.segment_id;a.label==="negative"&&(l||o.get(a.party)!=="negative")&&i.push({id:a.id,call_id:s.id,at:a.created_at,score:a.score??0,party:a.party,whole_call:l,agent_id:s.agent_id??null}),!l&&a.label&&o.set(a.party,a.label)}return{mood:r,alerts:i}}var Ze=class extends A{static properties={sentiments:{attribute:!1},segments:{attribute:!1}};constructor(){super(),this.sentiments=[],this.segments=[]}static styles=[...A.styles,x`
.chart {
display: grid;
grid-template-columns: auto minmax(0, 1fr);
gap: 0.2rem 0.6rem;
font-size: 0.85rem;
color: var(--_quiet);
}
.scale {
display: flex;
flex-direction: column;
justify-content: space-between;
font-size: 1rem;
}
svg.plot {
inline-size: 100%;
block-size: 8.5rem;
background: var(--_raised);
}
.times {
grid-column: 2;
display: flex;
justify-content: space-between;
}
summary {
min-block-size: 2rem;
color: var(--_accent);
cursor: pointer;
}
table {
inline-size: 100%;
border-collapse: collapse;
font-size: 0.92rem;
}
th {
text-align: start;
font-weight: 600;
}
th,
td {
padding: 0.25rem 0.6rem 0.25rem 0;
border-block-end: 1px solid var(--_line);
}
.score {
text-align: end;
padding-inline-end: 0;
}
.mood {
display: inline-flex;
gap: 0.4rem;
align-items: center;
}
`];render(){let e=this.#t(),t=e.at(-1);if(!t)return m`<p class="empty" part="empty">${u("no_moods")}</p>`;let n=Math.max(...this.segments.map(o=>o.ends_ms/1e3),t.at,1),r=u("mood_summary",{n:e.length,label:u(t.label).toLowerCase()});return m`
<div class="chart" part="chart">
<div class="scale" aria-hidden="true">${j("positive")}${j("neutral")}${j("negative")}</div>
<svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="${u("mood_over_time")}: ${r}">
<rect x="0" y="62.5" width="100" height="37.5" fill="var(--_bad-paper)" />
<path d="M0 50H100" stroke="var(--_line)" vector-effect="non-scaling-stroke" />
${this.#e(e,"agent",n)} ${this.#e(e,"customer",n)}
</svg>
<div class="times" aria-hidden="true">
<span>${P(0)}</span>
${e.some(o=>o.party==="agent")?m`<span>━━ ${u("customer")} &nbsp; ┅┅ ${u("agent")}</span>`:y}
<span>${P(n)}</span>
</div>
</div>
<details>
<summary>${u("as_table")}</summary>
<table part="table">
<caption class="hidden">${u("mood_over_time")}</caption>
<thead>
<tr>
<th scope="col">${u("time")}</th>
<th scope="col">${u("who")}</th>
<th scope="col">${u("mood")}</th>
<th scope="col" class="score">${u("score")}</th>
</tr>
</thead>
<tbody>
${e.map(o=>m`<tr>
<td>${P(o.at)}</td>
<td>${u(o.party)}</td>
<td>${j(o.label,!0)}</td>
<td class="score">${We(o.score)}</td>
</tr>`)}
</tbody>
</table>
</details>
`}#e(e,t,n){let r=e.filter(a=>a.party===t);if(r.length===0)return y;let o=r.map(a=>`${100*a.at/n} ${50-45*a.score}`),i=t==="customer";return M`
<path d="M${o.join("L")}" fill="none" stroke=${i?"var(--_ink)":"var(--_quiet)"} stroke-width="2"
stroke-dasharray=${i?"none":"2 5"} stroke-linejoin="round" vector-effect="non-scaling-stroke" />
${r.map((a,l)=>{let d={positive:"var(--_good)",negative:"var(--_bad)",mixed:"var(--_wait)",neutral:"var(--_quiet)"};return M`<path d="M${o[l]}h0" stroke=${d[a.label]} stroke-width=${i?10:6} stroke-linecap="round"
vector-effect="non-scaling-stroke" />`})}`}#t(){let e=new Map(this.segments.map(n=>[n.sequence,n])),t=new Map;for(let n of xe(this.sentiments))n.segment_sequence&&t.set(n.segment_sequence,n);return[...t].sort(([n],[r])=>n-r).flatMap(([n,{score:r,label:o,party:i}])=>{let a=e.get(n);return!a||!o?[]:[{at:(a.starts_ms+a.ends_ms)/2e3,score:r??0,label:o,party:i}]})}};E("cc-lite-mood-chart",Ze);function $n(s){return/^\+?\d{5,}$/.test(s)?`··· ${s.slice(-3)}`:s}function Pt(s){return/^\+?\d{5,}$/.test(s)?s.replace(/(\d)(?=(\d{3})+$)/g,"$1 "):s}var Je=class extends T{static properties={call:{attribute:!1},transcript:{attribute:!1},sentiments:{attribute:!1},names:{attribute:!1},skew:{type:Number}};#e=!0;constructor(){super(),this.call=null,this.transcript=null,this.sentiments=[],this.names=new Map,this.skew=0}static styles=[...T.styles,x`
.status {
display: flex;
flex-wrap: wrap;
gap: 0.2rem 1rem;
align-items: baseline;
padding-block-end: 0.9rem;
}
.agent {
font-size: 1.6rem;
font-weight: 600;
}
.clock {
font-family: var(--_figures);
font-size: 1.6rem;
margin-inline-start: auto;
}
dl {
display: grid;
grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr));
gap: 0.7rem 1.2rem;
padding-block: 0.9rem;
border-block: 1px solid var(--_line);
}
dt {
font-size: 0.85rem;
color: var(--_quiet);
}
h3 {
padding-block: 1.4rem 0.6rem;
font-size: 1rem;
font-weight: 600;
}
ol {
max-block-size: 24rem;
overflow-y: auto;
}
li {
display: grid;
grid-template-columns: 3.2rem minmax(0, 1fr) 1.4rem;
gap: 0 0.7rem;
padding: 0.55rem 0;
}
.at,
.speaker {
font-size: 0.85rem;
color: var(--_quiet);
}
.speaker {
display: block;
}
.by-customer .speaker {
color: var(--_ink);
font-weight: 600;
}
.partial .text {
font-style: italic;
color: var(--_quiet);
}
.text {
}
`];willUpdate(e){let t=this.renderRoot.querySelector("ol");e.has("transcript")&&(this.#e=!t||t.scrollHeight-t.scrollTop-t.clientHeight<40)}updated(e){let t=this.renderRoot.querySelector("ol");t&&e.has("transcript")&&this.#e&&(t.scrollTop=t.scrollHeight)}render(){let{call:e}=this;if(!e)return m`<p class="quiet" part="empty">${u("loading")}</p>`;let t=Date.parse(e.answered_at??e.started_at??e.created_at),r=R(e)?(Date.now()+this.skew-t)/1e3:e.talk_seconds??0;return m`
<p class="status" data-status=${e.status}>
<span class="agent">${oe(e.agent_id,this.names)}</span>
<span class="quiet">${u(e.status)}</span>
<span class="clock">${P(r)}</span>
</p>
<dl part="facts">
${this.#t("from",Pt(e.from))} ${this.#t("to",Pt(e.to))}
${this.#t("began",W(new Date(e.started_at??e.created_at)))}
${this.#t("language",this.#n(e.language))}
${this.#t("lasted",e.duration==null?"":P(e.duration))}
${this.#t("outcome",e.outcome&&e.outcome!==e.status?e.outcome:"")}
</dl>
<h3>${u("mood_over_time")}</h3>
<cc-lite-mood-chart .sentiments=${this.sentiments} .segments=${this.transcript?.segments??[]}></cc-lite-mood-chart>
<h3>${u("transcript")}</h3>
${this.#s()}
`}#t(e,t){return t===""?y:m`<div>
<dt>${u(e)}</dt>
<dd>${t}</dd>
</div>`}#n(e){if(!e)return"";try{return new Intl.DisplayNames(L(),{type:"language"}).of(e)??e}catch{return e}}#s(){let e=this.transcript?.segments??[];if(e.length===0)return m`<p class="empty" part="empty">${u("no_transcript")}</p>`;let t=new Map;for(let n of xe(this.sentiments))n.segment_sequence&&n.label&&t.set(n.segment_sequence,n.label);return m`<ol tabindex="0" aria-label=${u("transcript")}>
${Z(e,n=>n.sequence,n=>this.#r(n,t.get(n.sequence)))}
</ol>`}#r(e,t){return m`<li part="segment" class="by-${e.party} ${e.is_final?"":"partial"}" data-sequence=${e.sequence}>
<span class="at">${P(e.starts_ms/1e3)}</span>
<span>
<span class="speaker">${u(e.party)}${e.is_final?"":m` · ${u("partial")}`}</span>
<span class="text" lang=${this.call?.language||y}>${e.text}</span>
</span>
${t?j(t):m`<span></span>`}
</li>`}};E("cc-lite-call",Je);var kn=[["reached","reached","var(--_good)"],["exhausted","not_reached","var(--_quiet)"],["skipped","skipped","var(--_line)"],["in_progress","on_their_way","var(--_accent)"]],Ye=class extends A{static properties={campaigns:{attribute:!1}};constructor(){super(),this.campaigns=[]}static styles=[...A.styles,x`
li {
padding-block: 0.8rem;
}
.paused {
color: var(--_quiet);
}
.head {
display: flex;
gap: 1rem;
justify-content: space-between;
align-items: baseline;
}
h3 {
overflow: hidden;
text-overflow: ellipsis;
font-size: 1.05rem;
font-weight: 600;
}
.done {
font-family: var(--_figures);
font-size: 1.3rem;
white-space: nowrap;
}
svg {
display: block;
inline-size: 100%;
block-size: 0.6rem;
margin-block: 0.3rem 0.4rem;
border: 1px solid var(--_line);
border-radius: 0.3rem;
}
.counts {
font-size: 0.9rem;
color: var(--_quiet);
}
`];render(){return m`
<h2>${u("campaigns")}</h2>
${this.campaigns.length===0?m`<p class="empty" part="empty">${u("no_campaigns")}</p>`:m`<ul>
${Z(this.campaigns,e=>e.id,e=>this.#e(e))}
</ul>`}
`}#e(e){let{counters:t}=e,n=t.reached+t.exhausted+t.skipped,r=e.status==="paused"?u("paused"):"",o=0,i=kn.map(([l,,d])=>{let p=t.total>0?100*t[l]/t.total:0,c=M`<rect x=${o} y="0" width=${p} height="10" fill=${d} />`;return o+=p,c}),a=[...kn.map(([l,d])=>[l,d]),["pending","pending"]].filter(([l])=>t[l]>0).map(([l,d])=>`${t[l]} ${u(d)}`);return m`<li part="campaign" data-campaign=${e.id}>
<div class="head">
<h3>${e.name} <span class="paused">${r}</span></h3>
<span class="done">${ke(t.total>0?n/t.total:0)}</span>
</div>
<svg part="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${i}</svg>
<p class="counts">${u("contacts_done",{done:n,n:t.total})}${a.length>0?` · ${a.join(" · ")}`:""}</p>
</li>`}};E("cc-lite-campaigns",Ye);var Qe=class extends A{static properties={connection:{attribute:!1}};constructor(){super(),this.connection={state:"connecting",lost_since:null}}static styles=[...A.styles,x`
p {
padding: 0.7rem clamp(0.7rem, 2.2vi, 2rem);
background: var(--_wait);
color: var(--_paper);
font-weight: 600;
}
`];render(){let{state:e,lost_since:t}=this.connection,n=t?u("lost_since",{time:W(t)}):e==="slowed"?u("slowed"):null;return m`<div role="status">
${n?m`<p part="banner">${n}</p>`:y}
</div>`}};E("cc-lite-connection",Qe);var Xe=class extends T{static properties={stats:{attribute:!1},unhappy:{type:Number},patience:{type:Number},skew:{type:Number}};constructor(){super(),this.stats=null,this.unhappy=0,this.patience=60,this.skew=0}static styles=[...T.styles,x`
:host {
container-type: inline-size;
}
.figures {
display: grid;
grid-template-columns: repeat(3, minmax(0, 1fr));
border-block: 1px solid var(--_line);
}
.figure {
display: grid;
grid-template: "number label" 1fr "number note" auto / auto minmax(0, 1fr);
column-gap: clamp(0.5rem, 1.4cqi, 1.6rem);
padding: clamp(0.5rem, 1.1cqi, 1.4rem) clamp(0.7rem, 2.2cqi, 2rem);
}
.figure + .figure {
border-inline-start: 1px solid var(--_line);
}
dt {
grid-area: label;
align-self: end;
font-size: clamp(0.95rem, 2.1cqi, 2rem);
font-weight: 600;
line-height: 1.2;
}
.number {
grid-area: number;
font-family: var(--_figures);
font-size: clamp(3.2rem, 12.5cqi, 13rem);
font-weight: 300;
letter-spacing: -0.05em;
line-height: 1;
margin-inline-start: -0.04em;
}
.note {
grid-area: note;
padding-block-end: clamp(0.5rem, 1.4cqi, 1.5rem);
font-size: clamp(0.85rem, 1.5cqi, 1.3rem);
color: var(--_quiet);
}
[data-state="calm"] .number {
color: var(--_quiet);
}
:is([data-state="busy"], [data-state="late"]) :is(.number, dt) {
color: var(--_wait);
}
[data-state="late"] {
background: var(--_wait-paper);
}
[data-state="alarm"] {
background: var(--_bad-paper);
}
[data-state="alarm"] :is(.number, dt) {
color: var(--_bad);
}
:is([data-state="alarm"], [data-state="late"]) .number {
font-weight: 600;
}
:is([data-state="alarm"], [data-state="late"]) .note {
color: var(--_ink);
}
@container (inline-size < 44rem) {
.figure {
grid-template: "label" auto "number" auto "note" 1fr / minmax(0, 1fr);
}
.note {
padding: 0.2rem 0 0;
}
}
.hour {
display: flex;
flex-wrap: wrap;
gap: 0.1rem 1.6rem;
padding: 0.7rem clamp(0.7rem, 2.2cqi, 2rem);
border-block-end: 1px solid var(--_line);
font-size: clamp(0.85rem, 1.5cqi, 1.1rem);
color: var(--_quiet);
}
.hour strong {
font-weight: 600;
color: var(--_ink);
}
`];render(){let e=this.stats?.now,t=e?e.queued+e.ringing:0,n=this.stats?(Date.now()+this.skew-Date.parse(this.stats.at))/1e3:0,r=(e?.longest_waiting_seconds??0)+Math.max(0,n);return m`
<dl class="figures">
${this.#e("talking",e?.in_progress,e?.in_progress?"steady":"calm",e?u("on_calls",{n:e.in_progress+t}):"")}
${this.#e("waiting",e&&t,t===0?"calm":r>this.patience?"late":"busy",t>0?u("longest_waiting",{time:P(r)}):u("nobody_waits"))}
${this.#e("unhappy",e&&this.unhappy,this.unhappy>0?"alarm":"calm",this.unhappy>0?u("unhappy_calls",{n:this.unhappy}):u("all_calm"))}
</dl>
${this.#t()}
`}#e(e,t,n,r){return m`<div class="figure" part="figure" data-figure=${e} data-state=${n}>
<dt>${u(e)}</dt>
<dd class="number" part="number">${t??"–"}</dd>
<dd class="note">${r}</dd>
</div>`}#t(){let e=this.stats?.last_hour,t=e?.answered_rate,n=e?.average_talk_seconds;return m`<p class="hour" part="hour">
<strong>${u("last_hour")}</strong>
<span>${u("ended_calls",{n:e?.ended??0})}</span>
${t==null?"":m`<span>${u("answered_rate",{rate:ke(t)})}</span>`}
${n==null?"":m`<span>${u("talk_average",{time:P(n)})}</span>`}
</p>`}};E("cc-lite-figures",Xe);function B(s){let e=s?.status;return typeof e=="number"?e:null}var fs=6e3;function I(s){return AbortSignal.any([s,AbortSignal.timeout(fs)])}async function xn(s,e,t){let n=[...e],r=async()=>{for(let o=n.shift();o!==void 0;o=n.shift())await t(o)};await Promise.all(Array.from({length:s},r))}function Sn(s){let e=s?.retryAfter;return typeof e=="number"?Math.min(60,e)*1e3:0}function et(s){let e=null,t=n=>({signal:n,cache:"no-store"});return{async stats(n){return(await s.GET("/stats",t(n))).data},async calls(n,r){return(await s.GET("/calls",{params:{query:n},...t(r)})).data},async call(n,r){return(await s.GET("/calls/{id}",{params:{path:{id:n}},...t(r)})).data},async campaigns(n,r){let o={status:n,limit:100};return(await s.GET("/campaigns",{params:{query:o},...t(r)})).data},async transcript(n,r){let o=e?.call===n?e:null,i=o?{"if-none-match":o.tag}:{};try{let a={path:{id:n},query:{format:"json"}},l=await s.GET("/calls/{id}/transcript",{params:a,headers:i,...t(r)}),d=l.data,p=l.response.headers.get("etag");return e=p?{call:n,tag:p,transcript:d}:null,d}catch(a){let l=B(a);if(l===304&&o)return o.transcript;if(l===404)return null;throw a}},async sentiments(n,r){let o={path:{id:n},query:{limit:100}};return(await s.GET("/calls/{id}/sentiment",{params:o,...t(r)})).data},async*follow(n,r){let o=({state:i})=>i==="open"&&r();for await(let i of s.stream({signal:n,onConnection:o}))if(i.kind==="reset")yield{kind:"reset"};else{let{type:a,timestamp:l,data:d}=i.event;yield{kind:"event",type:a,timestamp:l,data:d}}}}}var tt=class extends A{static styles=[...A.styles,x`
div {
display: flex;
gap: 0.15rem;
}
button {
min-block-size: 2.5rem;
padding: 0 0.55rem;
font-size: 0.95rem;
border: 1px solid transparent;
border-radius: 0.4rem;
background: none;
color: var(--_quiet);
}
button:hover {
color: var(--_ink);
}
[aria-pressed="true"] {
border-color: var(--_line);
background: var(--_raised);
color: var(--_ink);
font-weight: 600;
}
`];render(){return m`<div role="group" aria-label=${u("choose_language")}>
${[...be].map(([e,t])=>m`<button
part="option"
lang=${e}
aria-pressed=${L()===e}
@click=${()=>{we(e),this.dispatchEvent(new Event("change"))}}
>
${t}
</button>`)}
</div>`}};E("cc-lite-language",tt);var gs=10*6e4;function An(s,e,t){let n=d=>100*Math.min(1,Math.max(0,1-(e-d)/gs)),r=n(Date.parse(s.started_at??s.created_at)),o=s.answered_at?n(Date.parse(s.answered_at)):null,i=s.ended_at?n(Date.parse(s.ended_at)):100,a=Math.min(r,i-.6),l=Math.max(0,(o??i)-a);return m`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
<path d="M0 5H100" stroke="var(--_line)" stroke-width="1" vector-effect="non-scaling-stroke" />
<path d="M50 1V9" stroke="var(--_line)" stroke-width="1" vector-effect="non-scaling-stroke" />
<rect x=${a} y="3" width=${l} height="4" fill="var(--_wait)" />
${o===null?y:M`<rect x=${Math.min(o,i-.6)} y="1" width=${Math.max(.6,i-o)} height="8"
fill=${t?"var(--_bad)":"var(--_accent)"} />`}
</svg>`}var nt=class extends T{static properties={calls:{attribute:!1},moods:{attribute:!1},truncated:{type:Boolean},names:{attribute:!1},skew:{type:Number},wanted:{state:!0}};constructor(){super(),this.calls=[],this.moods=new Map,this.truncated=!1,this.names=new Map,this.skew=0,this.wanted=""}static styles=[...T.styles,x`
:host {
container-type: inline-size;
}
header {
display: flex;
flex-wrap: wrap;
gap: 0.5rem 1rem;
align-items: center;
justify-content: space-between;
min-block-size: 2.7rem;
padding-block-end: 0.4rem;
}
input {
flex: 0 1 17rem;
min-inline-size: 0;
padding: 0.5rem 0.75rem;
border: 1px solid var(--_line);
border-radius: 0.4rem;
background: var(--_raised);
}
input::placeholder {
color: var(--_quiet);
opacity: 1;
}
.axis,
button {
display: grid;
grid-template: "mood who lane time" / 1.6rem minmax(7rem, 1.1fr) minmax(6rem, 2fr) 5.4rem;
gap: 0 0.9rem;
padding-inline: 0.5rem;
}
.axis span {
grid-area: lane;
display: flex;
justify-content: space-between;
padding-block-end: 0.2rem;
font-size: 0.85rem;
color: var(--_quiet);
}
b {
font-weight: 400;
}
button {
align-items: center;
min-block-size: 3.6rem;
padding-block: 0.45rem;
}
.negative-call {
background: var(--_bad-paper);
}
.over {
opacity: 0.75;
}
.mood {
grid-area: mood;
display: grid;
font-size: 1.25rem;
justify-content: center;
}
.who {
grid-area: who;
min-inline-size: 0;
}
.agent {
display: block;
overflow: hidden;
text-overflow: ellipsis;
white-space: nowrap;
font-size: 1.15rem;
font-weight: 600;
}
.line {
grid-area: lane;
display: block;
}
.line svg {
display: block;
inline-size: 100%;
block-size: 0.9rem;
}
.duration {
grid-area: time;
text-align: end;
font-family: var(--_figures);
font-size: 1.5rem;
letter-spacing: -0.02em;
}
.waits .duration {
color: var(--_wait);
}
.negative-call .duration {
color: var(--_bad);
}
.about {
font-size: 0.92rem;
color: var(--_quiet);
white-space: nowrap;
}
.negative-call .about {
color: var(--_ink);
}
@container (inline-size < 34rem) {
button {
grid-template: "mood who time" auto ". lane lane" auto / 1.6rem minmax(0, 1fr) auto;
row-gap: 0.35rem;
}
.axis {
display: none;
}
.line svg {
block-size: 0.55rem;
}
input {
flex-basis: 100%;
}
}
`];render(){let e=Date.now()+this.skew,t=this.#t().filter(n=>this.#n(n));return m`
<header>
<h2>${u("live_calls")}</h2>
<input
part="search"
type="search"
autocomplete="off"
aria-label=${u("find_call")}
placeholder=${u("find_call")}
.value=${this.wanted}
@input=${n=>{this.wanted=n.target.value}}
/>
</header>
${t.length===0?m`<p class="empty" part="empty">
${this.calls.length===0?u("no_calls"):u("no_calls_found")}
</p>`:m`<p class="axis" aria-hidden="true">
<span><b>${xt(10)}</b><b>${xt(5)}</b><b>${u("now")}</b></span>
</p>
<ul>
${Z(t,n=>n.id,n=>this.#e(n,e))}
</ul>`}
${this.truncated?m`<p class="empty">${u("first_shown",{n:this.calls.length})}</p>`:y}
`}#e(e,t){let n=this.moods.get(e.id),r=R(e),o=r&&e.status!=="in_progress",i=r&&n?.label==="negative",a=Date.parse(e.answered_at??e.started_at??e.created_at),l=((e.ended_at?Date.parse(e.ended_at):t)-a)/1e3;return m`<li>
<button
part="call"
class="${i?"negative-call":""} ${o?"waits":""} ${r?"":"over"}"
data-call=${e.id}
data-status=${e.status}
@click=${()=>Be(this,e.id)}
>
${wn(n)}
<span class="who">
<span class="agent" part="agent">${oe(e.agent_id,this.names)}</span>
<span class="about">
${u(e.status)} ${u(e.direction)}
${$n(e.direction==="inbound"?e.from:e.to)}
</span>
</span>
<span class="line">${An(e,t,i)}</span>
<span class="duration" part="duration">${P(l)}</span>
</button>
</li>`}#t(){let e=t=>R(t)?this.moods.get(t.id)?.label==="negative"?0:t.status==="in_progress"?2:1:3;return[...this.calls].sort((t,n)=>e(t)-e(n)||Ct(t,n))}#n(e){let t=this.wanted.trim().toLowerCase(),n=t.replace(/[\s+]/g,"");return oe(e.agent_id,this.names).toLowerCase().includes(t)||/^\d+$/.test(n)&&(e.from.includes(n)||e.to.includes(n))}};E("cc-lite-live-calls",nt);function z(s,...e){return new Promise(t=>{let n=()=>{clearTimeout(r);for(let o of e)o?.removeEventListener("abort",n);t()},r=setTimeout(n,s);for(let o of e)o?.addEventListener("abort",n,{once:!0});e.some(o=>o?.aborted)&&n()})}function ie(s,e,t){return Math.min(t,e*2**(s-1))*(.5+Math.random()/2)}var En=400,ys=5e3,Cn={call:null,transcript:null,sentiments:[],failure:null},Se=class{state=Cn;#e;#t;#n=null;#s=null;#r=!1;constructor(e,t){this.#e=e,this.#t=t}follow(e,t){this.stop(),this.#n=new AbortController,this.#a({...Cn,call:t}),this.#o(e,this.#n.signal)}look(){this.#r=!0,this.#s?.()}stop(){this.#n?.abort(),this.#n=null}#a(e){this.state=e,this.#t(e)}async#o(e,t){for(let n=0;!t.aborted;n++){let r=I(t),o=En;try{let a=await this.#e.transcript(e,r),l=a!==this.state.transcript||this.#r;this.#r=!1;let{call:d,sentiments:p}=this.state;if(!d||l||n%2===0){let c=await Promise.all([this.#e.call(e,r),this.#e.sentiments(e,r)]);d=c[0],p=c[1].items}if(t.aborted)return;this.#a({call:d,transcript:a,sentiments:p,failure:null}),R(d)||(o=ys)}catch(a){if(t.aborted)return;let l=B(a);if(l===403||l===404){this.#a({...this.state,failure:a});return}o=3*En}let i=new AbortController;this.#s=()=>i.abort(),await z(o,t,i.signal)}}};var Tt=500,vs=3e3,bs=6e3,ws=2e3,_s=6e4,$s=1e4,Pn=100,ks=10,Rt={live:20,ended:10,within:30*6e4},Ae=class{state=Fe;onRefused=null;onHeard=null;#e;#t=new Set;#n=null;#s=null;#r=0;#a=new Map;#o=new Set;#l=null;#d=!1;#p=0;#u=!1;#h=0;#m=0;constructor(e){this.#e=e}subscribe(e){return this.#t.add(e),()=>this.#t.delete(e)}start(){this.stop(),this.#n=new AbortController,this.#b(this.#n.signal)}stop(){this.#n?.abort(),this.#s?.abort(),this.#n=this.#s=null,this.#l=null,this.#u=!1}clear(){this.stop(),this.#o.clear(),this.#a.clear(),this.#i(Fe)}#i(e){this.state=e;for(let t of this.#t)t(e)}async#b(e){let t=Tt;for(;!e.aborted;){try{let n=await this.#e.stats(I(e));if(e.aborted)return;t=Tt,await this.#w(n,e)}catch(n){if(e.aborted||(t=Math.min(vs,t*1.5),this.#f(n)))return;B(n)===429&&(t=Math.max(t,Sn(n)))}await z(t*(.9+Math.random()/5),e)}}async#w(e,t){let{state:n}=this.state.connection;if(this.#i({...this.state,stats:e,skew:Date.parse(e.at)-Date.now()}),!this.#u){await Promise.race([this.#k(t),z(ws,t)]),await this.#g(t),this.#u=!0,this.#i({...this.state,connection:{state:"live",lost_since:null}});return}n!=="live"&&this.#i({...this.state,connection:{state:"live",lost_since:null}});let r=this.#y(e);this.#p=r?0:this.#p+1;let o=!r&&(this.#p<=3||this.#p%10===0);Date.now()-this.#m>$s&&await this.#c(t),(o||Date.now()-this.#h>_s)&&await this.#v(t)}#y({now:e}){let t={queued:0,ringing:0,in_progress:0};for(let{status:r}of this.state.calls.values())(r==="queued"||r==="ringing"||r==="in_progress")&&(t[r]+=1);let n=r=>t[r]===Math.min(e[r],Pn);return n("queued")&&n("ringing")&&n("in_progress")}#f(e){let t=B(e),{connection:n}=this.state;return t===429&&n.state!=="lost"?(this.#i({...this.state,connection:{state:"slowed",lost_since:null}}),!1):t===401?(this.stop(),this.#i({...this.state,connection:Fe.connection}),this.onRefused?.(),!0):(n.state!=="lost"&&this.#i({...this.state,connection:{state:"lost",lost_since:new Date}}),this.#u=!1,this.#s?.abort(),!1)}async#g(e){await Promise.all([this.#v(e),this.#c(e)]),this.#$(e).catch(()=>{})}#v(e){if(this.#l)return this.#d=!0,this.#l;let t=(async()=>{do this.#d=!1,await this.#_(e);while(this.#d&&!e.aborted)})().finally(()=>{this.#l===t&&(this.#l=null)});return this.#l=t,t}async#_(e){let t=++this.#r,n=["queued","ringing","in_progress"],r=await Promise.all(n.map(p=>this.#e.calls({status:p,limit:Pn},I(e))));if(e.aborted)return;this.#h=Date.now();let o=r.flatMap(p=>p.items).filter(p=>!this.#o.has(p.id)),i=new Set(o.map(p=>p.id)),a=[...this.state.calls.values()].filter(p=>R(p)&&!i.has(p.id)&&(this.#a.get(p.id)??0)<=t).map(p=>p.id),l=a.length<=ks?a.splice(0):[];for(let p of l)this.#C(p,e);let d=Ve(this.state,a);for(let p of o)d=St(d,p);for(let p of a)this.#a.delete(p);this.#i({...d,truncated:r.some(p=>p.next_cursor)})}async#c(e){this.#m=Date.now();let t=await Promise.all(["running","paused"].map(n=>this.#e.campaigns(n,I(e))));e.aborted||this.#i({...this.state,campaigns:t.flatMap(n=>n.items)})}async#$(e){let t=new Date(Date.now()-Rt.within).toISOString(),n=await this.#e.calls({sort:"-ended_at",since:t,limit:Rt.ended},I(e)),r=[...this.state.calls.values()].filter(o=>o.status==="in_progress");await xn(4,[...r.slice(0,Rt.live),...n.items],async o=>{let{items:i}=await this.#e.sentiments(o.id,I(e));if(e.aborted)return;let{mood:a,alerts:l}=_n(o,i),d=Et(this.state,l);a&&d.calls.has(o.id)&&(d=At(d,o.id,a)),this.#i(d)})}#k(e){this.#s?.abort();let t=new AbortController;this.#s=t;let n=AbortSignal.any([e,t.signal]);return new Promise(r=>{let o=!1,i=()=>{o&&this.#g(e).catch(()=>{}),o=!0,r()};this.#S(n,i)})}async#S(e,t){for(;!e.aborted;){try{for await(let n of this.#e.follow(e,t))this.#A(n,e)}catch(n){if(e.aborted||B(n)===401&&this.#f(n))return}await z(Tt,e)}}#A(e,t){if(e.kind==="reset"){this.#g(t).catch(()=>{});return}let{call_id:n}=e.data;n&&this.onHeard?.(n),e.type==="call.started"?this.#E(n??"",t):e.type==="call.ended"?this.#P(e.data,t):e.type==="sentiment.analyzed"?this.#T(e.timestamp,e.data):e.type==="campaign.completed"&&this.#c(t).catch(()=>{})}async#E(e,t){this.#l&&(this.#d=!0);try{let n=++this.#r,r=await this.#e.call(e,I(t));if(t.aborted||this.#o.has(e)||!R(r))return;this.#a.set(e,n),this.#i(St(this.state,r))}catch{}}async#C(e,t){try{let n=await this.#e.call(e,I(t));!t.aborted&&!R(n)&&this.#x(n,t)}catch(n){B(n)===404&&this.#i(Ve(this.state,[e]))}}#P(e,t){let{call_id:n,status:r,outcome:o,duration:i,talk_seconds:a,ended_at:l,resource_version:d}=e,p=this.state.calls.get(n);p?this.#x({...p,status:r,outcome:o,duration:i,talk_seconds:a,ended_at:l,version:d},t):this.#o.add(n)}#x(e,t){this.#o.has(e.id)||(this.#o.add(e.id),this.#o.size>1e3&&this.#o.delete([...this.#o][0]),this.#i({...this.state,calls:new Map(this.state.calls).set(e.id,e)}),z(bs,t).then(()=>{this.#a.delete(e.id),this.#i(Ve(this.state,[e.id]))}),e.campaign_id&&this.#c(t).catch(()=>{}))}#T(e,t){let n=this.state,r=n.calls.get(t.call_id);t.party==="customer"&&r&&(n=At(n,t.call_id,{id:t.sentiment_id,label:t.label,score:t.score})),t.alert&&(n=Et(n,[{id:t.sentiment_id,call_id:t.call_id,at:e,score:t.score,party:t.party,whole_call:t.segment_id===null,agent_id:r?.agent_id??null}])),this.#i(n)}};var Tn="cc-lite.language";function Rn(){try{let s=localStorage.getItem(Tn);return be.has(s)?s:void 0}catch{return}}function Mn(s){try{localStorage.setItem(Tn,s)}catch{}}function Ln(s){let{status:e,detail:t,retryAfter:n}=s,r=(o,i=0)=>({word:o,detail:t??"",wait:Math.ceil(i)});return e===void 0?r("no_network"):e===401?r("wrong"):e===429?r("too_many",n??30):e>=500?r("unavailable",n??0):r(t?"other":"unavailable")}var xs={title:"Wallboard",log_in:"Log in",log_in_intro:"With your account at this call centre.",email:"E-mail address",password:"Password",keep:"Stay logged in on this screen",keep_note:"For a screen on the wall. Not for a computer that others use.",logging_in:"Logging in…",log_out:"Log out",logged_in_as:"Logged in as {email}",fill_in:"Enter your e-mail address and your password.",wrong:"Address and password do not fit. Check both and try again; capital letters count.",too_many:"That was tried too often. You can try again in {seconds} s; what you have entered stays.",try_in:"Try again in {seconds} s",unavailable:"The service cannot log anybody in at the moment. Try again shortly; what you have entered stays.",no_network:"The service cannot be reached. Check the network connection, then try again; what you have entered stays.",other:"{detail}",session_over:"Your session has ended. Log in again: the wallboard goes on where it was.",logged_out:"You are logged out.",platform_over:"The platform no longer knows who you are",platform_over_note:"Log in to the platform in another tab, then come back and press the button. The wallboard goes on where it was.",go_on:"Go on",call_gone:"This call is not here any more, or you may not see it.",close:"Close",call:"Call",live:"Live",lost:"Not connected",connecting:"Connecting…"},Ss={title:"Přehled hovorů",log_in:"Přihlásit se",log_in_intro:"Svým účtem u tohoto call centra.",email:"E-mailová adresa",password:"Heslo",keep:"Zůstat přihlášen na této obrazovce",keep_note:"Pro obrazovku na zdi. Ne pro počítač, který používají i jiní.",logging_in:"Přihlašuje se…",log_out:"Odhlásit se",logged_in_as:"Přihlášen {email}",fill_in:"Zadejte e-mailovou adresu a heslo.",wrong:"Adresa a heslo k sobě nepatří. Zkontrolujte obojí a zkuste to znovu; na velikosti písmen záleží.",too_many:"Pokusů bylo příliš mnoho. Znovu to můžete zkusit za {seconds} s; co jste zadali, zůstane.",try_in:"Zkusit znovu za {seconds} s",unavailable:"Služba teď nemůže nikoho přihlásit. Zkuste to za chvíli; co jste zadali, zůstane.",no_network:"Služba není dostupná. Zkontrolujte připojení k síti a zkuste to znovu; co jste zadali, zůstane.",other:"{detail}",session_over:"Vaše přihlášení skončilo. Přihlaste se znovu: přehled bude pokračovat, kde byl.",logged_out:"Jste odhlášeni.",platform_over:"Platforma už neví, kdo jste",platform_over_note:"Přihlaste se k platformě v jiné záložce, vraťte se a stiskněte tlačítko. Přehled bude pokračovat, kde byl.",go_on:"Pokračovat",call_gone:"Tento hovor už tu není, nebo ho nesmíte vidět.",close:"Zavřít",call:"Hovor",live:"Živě",lost:"Bez spojení",connecting:"Připojuje se…"},As={en:xs,cs:Ss};function b(s,e={}){return He(As[L()][s],e)}var Mt=class extends A{static properties={notice:{type:String},email:{type:String},attempt:{attribute:!1},busy:{state:!0},failure:{state:!0},missing:{state:!0},left:{state:!0}};#e;constructor(){super(),this.notice=this.email="",this.attempt=async()=>{},this.busy=this.missing=!1,this.failure=null,this.left=0}createRenderRoot(){return this}disconnectedCallback(){super.disconnectedCallback(),clearInterval(this.#e)}render(){let e=this.missing?b("fill_in"):this.#t();return m`<form @submit=${this.#n} novalidate>
<h1>${b("log_in")}</h1>
<p class="quiet">${this.notice||b("log_in_intro")}</p>
<label for="email">${b("email")}</label>
<input
id="email"
name="email"
value=${this.email}
type="email"
autocomplete="username"
inputmode="email"
autocapitalize="none"
spellcheck="false"
aria-describedby="login-error"
aria-invalid=${e?"true":y}
autofocus
required
/>
<label for="password">${b("password")}</label>
<input
id="password"
name="password"
type="password"
autocomplete="current-password"
aria-describedby="login-error"
aria-invalid=${e?"true":y}
required
/>
<div class="keep">
<input id="keep" name="keep" type="checkbox" aria-describedby="keep-note" />
<label for="keep">${b("keep")}</label>
<p id="keep-note" class="quiet">${b("keep_note")}</p>
</div>
<p id="login-error" class="error" role="alert">${e}</p>
<button class="primary" ?disabled=${this.busy||this.left>0}>
${this.busy?b("logging_in"):this.left>0?b("try_in",{seconds:this.left}):b("log_in")}
</button>
</form>`}#t(){if(!this.failure)return"";let{word:e,detail:t,wait:n}=this.failure;return b(e,{detail:t,seconds:n})}async#n(e){if(e.preventDefault(),this.busy||this.left>0)return;let t=new FormData(e.target),n=String(t.get("email")).trim(),r=String(t.get("password"));if(this.missing=!n||!r,this.missing){this.querySelector(n?"#password":"#email")?.focus();return}this.busy=!0,this.failure=null;try{await this.attempt({email:n,password:r,keep:t.has("keep")})}catch(o){this.failure=Ln(o),this.#s(this.failure.wait),this.failure.word==="wrong"&&this.querySelector("#password")?.focus()}finally{this.busy=!1}}#s(e){clearInterval(this.#e);let t=Date.now()+e*1e3,n=()=>{this.left=Math.max(0,Math.ceil((t-Date.now())/1e3)),this.left===0&&clearInterval(this.#e)};this.#e=setInterval(n,250),n()}};customElements.define("cc-lite-login",Mt);function zn(s){let e=navigator.serviceWorker;if(!e)return;let t=e.controller!==null,n=!1;e.addEventListener("controllerchange",()=>{n=t}),e.register(Es("service-worker.js")).then(r=>{setInterval(()=>{n&&s()&&location.reload()},5e3),setInterval(()=>{r.update().catch(()=>{})},15*6e4)})}function Es(s){let{trustedTypes:e}=globalThis;return e?.createPolicy("cc-lite",{createScriptURL:t=>t}).createScriptURL(s)??s}var Cs=/\{[^{}]+\}/g,Ps=()=>typeof process=="object"&&Number.parseInt(process?.versions?.node?.substring(0,2))>=18&&process.versions.undici;function Ts(){return Math.random().toString(36).slice(2,11)}function In(s){let{baseUrl:e="",Request:t=globalThis.Request,fetch:n=globalThis.fetch,querySerializer:r,bodySerializer:o,pathSerializer:i,headers:a,requestInitExt:l=void 0,...d}={...s};l=Ps()?l:void 0,e=jn(e);let p=[];async function c(f,h){let{baseUrl:v,fetch:g=n,Request:w=t,headers:_,params:S={},parseAs:Y="json",querySerializer:q,bodySerializer:G=o??Ms,pathSerializer:pe,body:qt,middleware:Jn=[],...lt}=h||{},ct=e;v&&(ct=jn(v)??e);let dt=typeof r=="function"?r:On(r);q&&(dt=typeof q=="function"?q:On({...typeof r=="object"?r:{},...q}));let Ut=pe||i||Rs,pt=qt===void 0?void 0:G(qt,Nn(a,_,S.header)),Yn=Nn(pt===void 0||pt instanceof FormData?{}:{"Content-Type":"application/json"},a,_,S.header),F=[...p,...Jn],Qn={redirect:"follow",...d,...lt,body:pt,headers:Yn},Ce,Pe,V=new w(Ls(f,{baseUrl:ct,params:S,querySerializer:dt,pathSerializer:Ut}),Qn),$;for(let C in lt)C in V||(V[C]=lt[C]);if(F.length){Ce=Ts(),Pe=Object.freeze({baseUrl:ct,fetch:g,parseAs:Y,querySerializer:dt,bodySerializer:G,pathSerializer:Ut});for(let C of F)if(C&&typeof C=="object"&&typeof C.onRequest=="function"){let k=await C.onRequest({request:V,schemaPath:f,params:S,options:Pe,id:Ce});if(k)if(k instanceof w)V=k;else if(k instanceof Response){$=k;break}else throw new Error("onRequest: must return new Request() or Response() when modifying the request")}}if(!$){try{$=await g(V,l)}catch(C){let k=C;if(F.length)for(let Q=F.length-1;Q>=0;Q--){let Te=F[Q];if(Te&&typeof Te=="object"&&typeof Te.onError=="function"){let ue=await Te.onError({request:V,error:k,schemaPath:f,params:S,options:Pe,id:Ce});if(ue){if(ue instanceof Response){k=void 0,$=ue;break}if(ue instanceof Error){k=ue;continue}throw new Error("onError: must return new Response() or instance of Error")}}}if(k)throw k}if(F.length)for(let C=F.length-1;C>=0;C--){let k=F[C];if(k&&typeof k=="object"&&typeof k.onResponse=="function"){let Q=await k.onResponse({request:V,response:$,schemaPath:f,params:S,options:Pe,id:Ce});if(Q){if(!(Q instanceof Response))throw new Error("onResponse: must return new Response() when modifying the response");$=Q}}}}let Dt=$.headers.get("Content-Length");if($.status===204||V.method==="HEAD"||Dt==="0"&&!$.headers.get("Transfer-Encoding")?.includes("chunked"))return $.ok?{data:void 0,response:$}:{error:void 0,response:$};if($.ok)return{data:await(async()=>{if(Y==="stream")return $.body;if(Y==="json"&&!Dt){let k=await $.text();return k?JSON.parse(k):void 0}return await $[Y]()})(),response:$};let ut=await $.text();try{ut=JSON.parse(ut)}catch{}return{error:ut,response:$}}return{request(f,h,v){return c(h,{...v,method:f.toUpperCase()})},GET(f,h){return c(f,{...h,method:"GET"})},PUT(f,h){return c(f,{...h,method:"PUT"})},POST(f,h){return c(f,{...h,method:"POST"})},DELETE(f,h){return c(f,{...h,method:"DELETE"})},OPTIONS(f,h){return c(f,{...h,method:"OPTIONS"})},HEAD(f,h){return c(f,{...h,method:"HEAD"})},PATCH(f,h){return c(f,{...h,method:"PATCH"})},TRACE(f,h){return c(f,{...h,method:"TRACE"})},use(...f){for(let h of f)if(h){if(typeof h!="object"||!("onRequest"in h||"onResponse"in h||"onError"in h))throw new Error("Middleware must be an object with one of `onRequest()`, `onResponse() or `onError()`");p.push(h)}},eject(...f){for(let h of f){let v=p.indexOf(h);v!==-1&&p.splice(v,1)}}}}function st(s,e,t){if(e==null)return"";if(typeof e=="object")throw new Error("Deeply-nested arrays/objects aren’t supported. Provide your own `querySerializer()` to handle these.");return`${s}=${t?.allowReserved===!0?e:encodeURIComponent(e)}`}function qn(s,e,t){if(!e||typeof e!="object")return"";let n=[],r={simple:",",label:".",matrix:";"}[t.style]||"&";if(t.style!=="deepObject"&&t.explode===!1){for(let a in e)n.push(a,t.allowReserved===!0?e[a]:encodeURIComponent(e[a]));let i=n.join(",");switch(t.style){case"form":return`${s}=${i}`;case"label":return`.${i}`;case"matrix":return`;${s}=${i}`;default:return i}}for(let i in e){let a=t.style==="deepObject"?`${s}[${i}]`:i;n.push(st(a,e[i],t))}let o=n.join(r);return t.style==="label"||t.style==="matrix"?`${r}${o}`:o}function Un(s,e,t){if(!Array.isArray(e))return"";if(t.explode===!1){let o={form:",",spaceDelimited:"%20",pipeDelimited:"|"}[t.style]||",",i=(t.allowReserved===!0?e:e.map(a=>encodeURIComponent(a))).join(o);switch(t.style){case"simple":return i;case"label":return`.${i}`;case"matrix":return`;${s}=${i}`;default:return`${s}=${i}`}}let n={simple:",",label:".",matrix:";"}[t.style]||"&",r=[];for(let o of e)t.style==="simple"||t.style==="label"?r.push(t.allowReserved===!0?o:encodeURIComponent(o)):r.push(st(s,o,t));return t.style==="label"||t.style==="matrix"?`${n}${r.join(n)}`:r.join(n)}function On(s){return function(t){let n=[];if(t&&typeof t=="object")for(let r in t){let o=t[r];if(o!=null){if(Array.isArray(o)){if(o.length===0)continue;n.push(Un(r,o,{style:"form",explode:!0,...s?.array,allowReserved:s?.allowReserved||!1}));continue}if(typeof o=="object"){n.push(qn(r,o,{style:"deepObject",explode:!0,...s?.object,allowReserved:s?.allowReserved||!1}));continue}n.push(st(r,o,s))}}return n.join("&")}}function Rs(s,e){let t=s;for(let n of s.match(Cs)??[]){let r=n.substring(1,n.length-1),o=!1,i="simple";if(r.endsWith("*")&&(o=!0,r=r.substring(0,r.length-1)),r.startsWith(".")?(i="label",r=r.substring(1)):r.startsWith(";")&&(i="matrix",r=r.substring(1)),!e||e[r]===void 0||e[r]===null)continue;let a=e[r];if(Array.isArray(a)){t=t.replace(n,Un(r,a,{style:i,explode:o}));continue}if(typeof a=="object"){t=t.replace(n,qn(r,a,{style:i,explode:o}));continue}if(i==="matrix"){t=t.replace(n,`;${st(r,a)}`);continue}t=t.replace(n,i==="label"?`.${encodeURIComponent(a)}`:encodeURIComponent(a))}return t}function Ms(s,e){return s instanceof FormData?s:e&&(e.get instanceof Function?e.get("Content-Type")??e.get("content-type"):e["Content-Type"]??e["content-type"])==="application/x-www-form-urlencoded"?new URLSearchParams(s).toString():JSON.stringify(s)}function Ls(s,e){let t=`${e.baseUrl}${s}`;e.params?.path&&(t=e.pathSerializer(t,e.params.path));let n=e.querySerializer(e.params.query??{});return n.startsWith("?")&&(n=n.substring(1)),n&&(t+=`?${n}`),t}function Nn(...s){let e=new Headers;for(let t of s){if(!t||typeof t!="object")continue;let n=t instanceof Headers?t.entries():Object.entries(t);for(let[r,o]of n)if(o===null)e.delete(r);else if(Array.isArray(o))for(let i of o)e.append(r,i);else o!==void 0&&e.set(r,o)}return e}function jn(s){return s.endsWith("/")?s.substring(0,s.length-1):s}var rt=class{#e;constructor(e){this.#e=e}async*pages(){let e;do{let t=await this.#e(e);yield t,e=t.next_cursor??void 0}while(e)}async*[Symbol.asyncIterator](){for await(let e of this.pages())yield*e.items}async take(e){let t=[];if(e<=0)return t;for await(let n of this)if(t.push(n)>=e)break;return t}};var J=class extends Error{name="ProblemError";type;status;title;detail;errors;current_state;allowed_actions;retryAfter;requestId;constructor(e,t){super(`${e.title}: ${e.detail}`),this.type=e.type,this.status=t.status,this.title=e.title,this.detail=e.detail,this.errors=e.errors??[],this.current_state=e.current_state,this.allowed_actions=e.allowed_actions??[],this.retryAfter=zt(t),this.requestId=t.headers.get("x-request-id")??void 0}is(e){return this.type===`urn:cc-lite:problem:${e}`}},O=class extends Error{name="NetworkError";constructor(e){super("The service could not be reached: check the network connection and the address, then try again.",{cause:e})}};async function ce(s){return Lt(await s.json().catch(()=>{}),s)}function Lt(s,e){let t=s,n=typeof t?.type=="string"&&typeof t.title=="string"&&typeof t.detail=="string"?t:{type:"about:blank",status:e.status,title:e.statusText||`Status ${e.status}`,detail:"Something in front of the service answered: try again in a moment."};return new J(n,e)}function zt(s){let e=s.headers.get("retry-after");if(!e)return;let t=/^\d+$/.test(e)?Number(e):(Date.parse(e)-Date.now())/1e3;return Number.isNaN(t)?void 0:Math.max(0,t)}function Dn(){let s=crypto.getRandomValues(new Uint8Array(16));return Array.from(s,e=>e.toString(16).padStart(2,"0")).join("")}function Hn(s,e,t){if(![429,502,503,504].includes(s.status))return;let n=zt(s);return n===void 0?ie(e,250,t):n*1e3<=t?n*1e3:void 0}function Ot(s){return new Request(s.clone(),{signal:s.signal})}function Wn(s,{attempts:e=3,maxDelay:t=5e3}){return async n=>{let r=n.url.endsWith("/auth/refresh"),o=n.method==="GET"||n.headers.has("idempotency-key")||r;for(let i=1;;i++){let a=!o||i>=e,l=a?n:Ot(n),d;try{let p=await s(l),c=a?void 0:await zs(p,i,t);if(c===void 0)return p;d=c,p.body?.cancel().catch(()=>{})}catch(p){if(l.signal.aborted)throw n.signal.reason;if(a)throw new O(p);d=ie(i,250,t)}await z(d,n.signal),n.signal.throwIfAborted()}}}async function zs(s,e,t){if(s.status!==409)return Hn(s,e,t);let{type:n}=await s.clone().json().catch(()=>({}));return n==="urn:cc-lite:problem:idempotency-key-in-use"?ie(e,500,t):void 0}var Os=10,ot=class{#e;#t;#n;#s;#r;constructor(e,t,n,r){this.#e=e,this.#t=t,this.#n=n,this.#s=r}async begin(e){let t=await this.#t(this.#n("/auth/login",e));if(!t.ok)throw await ce(t);await this.#e.set(await Bn(t))}async end(e){let t=await this.#e.get();if(await this.#e.set(void 0),!t)return;let{refresh_token:n}=t,r=await this.#t(this.#n("/auth/logout",{refresh_token:n,everywhere:e}));if(!r.ok&&r.status!==401)throw await ce(r)}async expiresAt(){return(await this.#e.get())?.expires_at}async send(e,t=Os){let n=await this.#a(t);if(!n)return this.#t(e);let r=Ot(e),o=await this.#t(Gn(r,n));if(o.status!==401)return o;let i=await this.#o(n);return i?(o.body?.cancel().catch(()=>{}),this.#t(Gn(e,i))):o}async#a(e){let t=await this.#e.get();if(!t)return;let n=t.expires_at-Date.now();if(n>e*1e3)return t.access_token;try{return await this.#o(t.access_token)}catch(r){if(r instanceof J&&r.status===401||n<=0)throw r;return t.access_token}}async#o(e){let t=await this.#e.get();return t?.access_token!==e?t?.access_token:(this.#r??=this.#l(t).finally(()=>{this.#r=void 0}),this.#r)}async#l(e){let{refresh_token:t}=e,n=await this.#t(this.#n("/auth/refresh",{refresh_token:t})),r=n.ok?await Bn(n):void 0,o=r?void 0:await ce(n),i=await this.#e.get();if(i?.refresh_token!==t)return i?.access_token;if(r)return await this.#e.set(r),r.access_token;throw o?.status===401&&(await this.#e.set(void 0),this.#s?.(o)),o}};async function Bn(s){let e=await s.json(),{access_token:t,refresh_token:n,expires_in:r}=e;return{access_token:t,refresh_token:n,expires_at:Date.now()+r*1e3}}function Gn(s,e){return s.headers.set("authorization",`Bearer ${e}`),s}var it=class{retry;#e="";#t="";#n=[];#s;#r=!1;*push(e){this.#e+=e;let t=this.#e.split(/\r\n|\n|\r(?!$)/);this.#e=t.pop()??"";for(let n of t)n?this.#a(n):yield*this.#o()}#a(e){let t=e.indexOf(":"),n=t<0?e:e.slice(0,t),r=t<0?"":e.slice(t+1).replace(/^ /,"");n==="event"?this.#t=r:n==="data"?this.#n.push(r):n==="retry"&&/^\d+$/.test(r)?this.retry=Number(r):n==="id"&&!r.includes("\0")&&(this.#s=r,this.#r=!0)}*#o(){(this.#n.length>0||this.#r)&&(yield{event:this.#t||"message",data:this.#n.join(`
`),id:this.#s}),this.#t="",this.#n=[],this.#r=!1}};var Ns=15e3;async function*Fn(s,e,{lastEventId:t,signal:n,onConnection:r,silence:o=4e4}){let i=t,a=1e3,l=0;for(;!n?.aborted;){let d=new AbortController,p=()=>d.abort(n?.reason);n?.addEventListener("abort",p,{once:!0});let c;try{let g=await s(i,d.signal);if(!g.ok||!g.body)throw await ce(g);r?.({state:"open"});let w=new it;for await(let _ of js(g.body,w,o,d.signal)){if(l=0,a=w.retry??a,i=_.id??i,_.event==="end")break;let S=Is(_,i);S&&(yield S)}}catch(g){if(n?.aborted)return;if(!qs(g))throw g;c=g,l+=1}finally{n?.removeEventListener("abort",p),d.abort()}if(n?.aborted)return;let f=!c&&(await e()??Number.POSITIVE_INFINITY)<Date.now()+1e3,h=c instanceof J&&c.retryAfter?c.retryAfter*1e3:0,v=f?0:Math.max(h,c?ie(l,a,Ns):a);r?.({state:"closed",retryIn:v,error:c}),await Us(v,n)}}async function*js(s,e,t,n){let r=s.getReader(),o=()=>{r.cancel().catch(()=>{})};n.addEventListener("abort",o,{once:!0});let i=new TextDecoder;try{for(;;){let a,l=new Promise((c,f)=>{a=setTimeout(()=>f(new O("The stream gave no sign of life.")),t)}),{done:d,value:p}=await Promise.race([r.read(),l]).finally(()=>clearTimeout(a));if(d)return;yield*e.push(i.decode(p,{stream:!0}))}}catch(a){throw a instanceof O?a:new O(a)}finally{n.removeEventListener("abort",o),o()}}function Is({event:s,data:e},t){if(!e||t===void 0)return;let n=JSON.parse(e);return s==="reset"?{kind:"reset",id:t,detail:n.detail}:{kind:"event",id:t,event:n}}function qs(s){return s instanceof O||s instanceof J&&(s.status===429||s.status>=500)}async function Us(s,e){let t=new AbortController,n=()=>t.abort(),r=typeof addEventListener=="function"?[globalThis]:[];for(let o of r)o.addEventListener("online",n);await z(s,t.signal,e);for(let o of r)o.removeEventListener("online",n)}function de(){let s;return{get:()=>s,set:e=>{s=e}}}function Nt(s,e="cc-lite.tokens"){let t=de();return{get(){try{let n=s.getItem(e);return n?JSON.parse(n):void 0}catch{return t.get()}},set(n){t.set(n);try{n?s.setItem(e,JSON.stringify(n)):s.removeItem(e)}catch{}}}}function jt(s){let{baseUrl:e,language:t,headers:n,tokens:r=de(),retry:o={}}=s,i=e.replace(/\/+$/,""),a=s.fetch??(g=>globalThis.fetch(g)),d=Wn(g=>{for(let[_,S]of Object.entries(n??{}))g.headers.set(_,S);let w=typeof t=="function"?t():t;return w&&g.headers.set("accept-language",w),a(g)},o),p=(g,w)=>new Request(`${i}${g}`,{method:"POST",body:JSON.stringify(w),headers:{"content-type":"application/json"}}),c=new ot(r,d,p,s.onSessionEnd),f=In({baseUrl:i,bodySerializer:g=>typeof g=="string"||g instanceof Blob?g:JSON.stringify(g),fetch:g=>c.send(g)});f.use({onRequest:({request:g,schemaPath:w})=>{g.method!=="GET"&&!w.startsWith("/auth/")&&!g.headers.has("idempotency-key")&&g.headers.set("idempotency-key",Dn())}});let h=g=>{let w=f[g];return async(_,S)=>{let{data:Y,error:q,response:G}=await w(_,S).catch(pe=>{throw pe instanceof TypeError?new O(pe):pe});if(!G.ok)throw Lt(q,G);return{data:Y,response:G}}},v=h("GET");return{GET:v,POST:h("POST"),PUT:h("PUT"),PATCH:h("PATCH"),DELETE:h("DELETE"),list:(g,w)=>new rt(async _=>{let S={...w?.params?.query,..._&&{cursor:_}};return(await v(g,{...w,params:{...w?.params,query:S}})).data}),stream:(g={})=>{let{types:w,callId:_}=g,S=new URLSearchParams({...w&&{types:w.join()},..._&&{call_id:_}});return Fn((q,G)=>c.send(new Request(`${i}/stream?${S}`,{signal:G,headers:q?{"last-event-id":q}:{}}),60),()=>c.expiresAt(),g)},login:g=>c.begin(g),logout:({everywhere:g=!1}={})=>c.end(g)}}var at=class{keep;#e=Vn("sessionStorage");#t=Vn("localStorage");constructor(){this.keep=this.#t.get()!==void 0}get(){return this.#t.get()??this.#e.get()}set(e){let[t,n]=this.keep?[this.#t,this.#e]:[this.#e,this.#t];n.set(void 0),t.set(e)}};function Vn(s){try{return Nt(window[s])}catch{return de()}}var Kn=/^#\/calls\/([^/]+)$/,Ee=class extends N{static properties={platform:{type:Boolean},live:{state:!0},shown:{state:!0},gate:{state:!0},notice:{state:!0},account:{state:!0},names:{state:!0}};#e=new at;#t=jt({baseUrl:new URL("..",document.baseURI).href,tokens:this.#e,language:L,retry:{attempts:1}});#n=new Ae(et(this.#t));#s=new Se(et(this.#t),e=>{this.shown=e});#r=null;constructor(){super(),this.platform=!1,this.live=this.#n.state,this.shown=null,this.gate="open",this.notice="",this.account=null,this.names=new Map}get calm(){let e=[...this.querySelectorAll("input")].some(t=>t.value!=="");return this.gate==="open"&&!this.#r&&!e&&this.live.connection.state==="live"}createRenderRoot(){return this}connectedCallback(){super.connectedCallback(),_e(()=>{Mn(L()),this.requestUpdate()}),this.#n.subscribe(e=>{this.live=e}),this.#n.onHeard=e=>{e===this.#r&&this.#s.look()},this.#n.onRefused=()=>this.#d(),addEventListener("hashchange",()=>this.#m()),setInterval(()=>this.requestUpdate(),1e3),this.platform||this.#e.get()?this.#a():this.gate="login"}#a(){this.gate="open",this.notice="",this.#n.start(),this.platform||this.#o(),this.#m()}async#o(){try{let{data:e}=await this.#t.GET("/auth/me");this.account=e,e.role==="admin"&&await this.#l()}catch{}}async#l(){let e=new Map,t=this.#t.list("/users",{params:{query:{limit:100}}});for await(let n of t)e.set(n.id,n.name||n.email);this.names=e}#d(){this.#s.stop(),this.gate=this.platform?"platform":"login",this.notice="session_over"}async#p({email:e,password:t,keep:n}){this.#e.keep=n,await this.#t.login({email:e,password:t}),this.account&&this.account.email!==e.toLowerCase()&&this.#h(),this.#a()}async#u(){this.#h(),this.gate="login",this.notice="logged_out",await this.#t.logout().catch(()=>{})}#h(){this.#n.clear(),this.account=null,location.hash&&(location.hash="")}#m(){let e=Kn.exec(location.hash)?.[1]??null;this.gate==="open"&&(this.#r=e,e?this.#s.follow(decodeURIComponent(e),this.live.calls.get(e)??null):(this.#s.stop(),this.shown=null))}updated(){document.documentElement.lang=L();let e=Ke(this.live).length;document.title=`${e>0?`(${e}) `:""}${b("title")}`;for(let t of this.querySelectorAll("dialog")){let n=t.dataset.wanted==="true";n&&!t.open&&t.showModal(),!n&&t.open&&t.close()}}render(){let e=this.live.stats!==null;return this.gate==="login"&&!e?m`${this.#i()}<main class="enter">${this.#f()}</main>${this.#y()}`:m`
<cc-lite-connection .connection=${this.live.connection}></cc-lite-connection>
${this.#i()} ${this.#w()} ${this.#y()}
<dialog class="call" aria-labelledby="call-title" data-wanted=${this.#r!==null&&this.gate==="open"}
@close=${this.#$} @click=${this.#k}>
${this.#r?this.#v():y}
</dialog>
<dialog class="gate" aria-labelledby="gate-title" data-wanted=${this.gate!=="open"} @cancel=${t=>t.preventDefault()}>
${this.gate==="login"?this.#f():this.gate==="platform"?this.#g():y}
</dialog>
`}#i(){let{state:e}=this.live.connection;return m`<header class="top">
<p class="brand">
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 6h18M10 12h12M15 18h7" /></svg>
Voice <span class="quiet">${b("title")}</span>
</p>
${this.gate==="open"?m`<span class="state" data-state=${e}>${this.#b(e)}</span>`:y}
<time class="clock">${W(new Date)}</time>
</header>`}#b(e){return m`<svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="4" /></svg> ${b(e==="live"||e==="slowed"?"live":e==="lost"?"lost":"connecting")}`}#w(){let{live:e}=this;return m`<main class="board" @cc-lite-open=${this.#_}>
<h1 class="hidden">${b("title")}</h1>
<cc-lite-figures .stats=${e.stats} .unhappy=${Ke(e).length} .skew=${e.skew}></cc-lite-figures>
<div class="columns">
<cc-lite-live-calls
.calls=${[...e.calls.values()]}
.moods=${e.moods}
.names=${this.names}
.truncated=${e.truncated}
.skew=${e.skew}
></cc-lite-live-calls>
<div class="side">
<cc-lite-alerts .alerts=${e.alerts} .names=${this.names} .skew=${e.skew}></cc-lite-alerts>
<cc-lite-campaigns .campaigns=${e.campaigns??[]}></cc-lite-campaigns>
</div>
</div>
</main>`}#y(){return m`<footer>
<cc-lite-language></cc-lite-language>
${this.account&&this.gate==="open"?m`<span class="quiet">${b("logged_in_as",{email:this.account.email})}</span>
<button class="plain" @click=${this.#u}>${b("log_out")}</button>`:y}
</footer>`}#f(){return m`<cc-lite-login
.notice=${this.notice?b(this.notice):""}
.email=${this.account?.email??""}
.attempt=${e=>this.#p(e)}
></cc-lite-login>`}#g(){return m`<h2 id="gate-title">${b("platform_over")}</h2>
<p class="note">${b("platform_over_note")}</p>
<button class="primary" @click=${()=>this.#a()}>${b("go_on")}</button>`}#v(){let{shown:e}=this;return m`<div class="sheet">
<header>
<h2 id="call-title">${b("call")}</h2>
<button class="plain" @click=${this.#c}>${b("close")}</button>
</header>
${e?.failure?m`<p>${b("call_gone")}</p>`:m`<cc-lite-call
.call=${e?.call??null}
.transcript=${e?.transcript??null}
.sentiments=${e?.sentiments??[]}
.names=${this.names}
.skew=${this.live.skew}
></cc-lite-call>`}
</div>`}#_(e){location.hash=`#/calls/${encodeURIComponent(e.detail)}`}#c(){location.hash="#/"}#$(){this.gate==="open"&&Kn.test(location.hash)&&this.#c()}#k(e){e.target===e.currentTarget&&this.#c()}};customElements.define("cc-lite-wallboard",Ee);var Zn=Rn();Zn&&we(Zn);var It=new Ee;It.platform=document.documentElement.dataset.mode==="platform";document.body.prepend(It);zn(()=>It.calm);
